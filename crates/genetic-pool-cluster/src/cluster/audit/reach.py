"""Says what becomes of a connection to each place. Arguments: the word a listener of ours answers with, then places as
address:port."""

import json, socket, sys


def reach(place, word):
    address, port = place.rsplit(":", 1)
    try:
        with socket.create_connection((address, int(port)), timeout=3) as connection:
            connection.settimeout(3)
            return "reached" if connection.recv(64) == word else "another answered"
    except ConnectionRefusedError:
        return "refused"
    except OSError as error:
        return error.strerror or str(error)


print(json.dumps([reach(place, sys.argv[1].encode()) for place in sys.argv[2:]]))
