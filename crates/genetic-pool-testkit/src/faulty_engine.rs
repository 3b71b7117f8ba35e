//! Faults at the engine's socket: what a real engine does not do on demand.

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::engine::socket;

/// A socket in front of the real engine that lets everything through but what [`on`](FaultyEngine::on) names.
///
/// ```no_run
/// # use genetic_pool_testkit::{FaultyEngine, SocketFault};
/// let engine = FaultyEngine::before(&genetic_pool_testkit::engine().unwrap());
/// engine.on("POST /containers/*/start", SocketFault::answer(500, r#"{"message":"no"}"#));
/// let address = engine.address(); // for `--engine` or DOCKER_HOST
/// ```
pub struct FaultyEngine {
    directory: TempDir,
    shared: Arc<Shared>,
}

/// What happens instead of what was asked.
#[derive(Clone, Debug)]
pub enum SocketFault {
    /// This answer, with a length and closed thereafter.
    Answer {
        /// The status of HTTP.
        status: u16,
        /// The body: JSON, usually.
        body: String,
    },
    /// These bytes, which need not be HTTP, then the end.
    Bytes(Vec<u8>),
    /// No answer at all, and the connection stays open.
    Mute,
    /// The connection ends without an answer.
    Cut,
    /// The real answer, of which only so many bytes come through.
    CutAfter(usize),
    /// The real answer, later.
    Delay(Duration),
}

struct Shared {
    /// The real engine's socket.
    real: Option<PathBuf>,
    rules: Mutex<Vec<Rule>>,
    requests: Mutex<Vec<String>>,
    ended: AtomicBool,
}

struct Rule {
    pattern: String,
    fault: SocketFault,
    /// How often it still happens.
    times: usize,
}

impl SocketFault {
    /// The answer `body` with `status`.
    pub fn answer(status: u16, body: impl Into<String>) -> SocketFault {
        SocketFault::Answer { status, body: body.into() }
    }
}

impl FaultyEngine {
    /// In front of the engine at `address`.
    pub fn before(address: &str) -> FaultyEngine {
        FaultyEngine::start(Some(socket(address)))
    }

    /// With no engine behind it: what no rule names is answered with 404.
    pub fn alone() -> FaultyEngine {
        FaultyEngine::start(None)
    }

    fn start(real: Option<PathBuf>) -> FaultyEngine {
        let directory = TempDir::with_prefix("genetic-pool-engine-").unwrap();
        let listener = UnixListener::bind(directory.path().join("docker.sock")).unwrap();
        let shared = Arc::new(Shared {
            real,
            rules: Mutex::default(),
            requests: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let ours = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ours.ended.load(Ordering::Relaxed) {
                    return;
                }
                let ours = Arc::clone(&ours);
                // A connection that breaks is the client's to notice.
                thread::spawn(move || ours.serve(client));
            }
        });
        FaultyEngine { directory, shared }
    }

    /// Where it is: `unix:///…`.
    pub fn address(&self) -> String {
        format!("unix://{}", self.directory.path().join("docker.sock").display())
    }

    /// Has `fault` happen to each request that matches `pattern`: a method, a space, a path without version and query, in
    /// which `*` stands for one part. The rule that was made last goes first.
    pub fn on(&self, pattern: &str, fault: SocketFault) -> &FaultyEngine {
        self.on_first(usize::MAX, pattern, fault)
    }

    /// Like [`on`](FaultyEngine::on), for the first `times` requests only.
    pub fn on_first(&self, times: usize, pattern: &str, fault: SocketFault) -> &FaultyEngine {
        self.shared.rules.lock().unwrap().push(Rule { pattern: pattern.to_owned(), fault, times });
        self
    }

    /// The requests so far, as they were asked: method, space, path with version and query.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for FaultyEngine {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes who waits for clients.
        let _ = UnixStream::connect(self.directory.path().join("docker.sock"));
    }
}

impl Shared {
    fn serve(&self, mut client: UnixStream) -> io::Result<()> {
        let head = read_head(&mut client)?;
        let request = head.lines().next().unwrap_or_default();
        let request = request.rsplit_once(' ').map_or(request, |(request, _)| request).to_owned();
        let fault = self.fault(&request);
        self.requests.lock().unwrap().push(request);
        match fault {
            Some(SocketFault::Answer { status, body }) => {
                let head = format!(
                    "HTTP/1.1 {status} Fault\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
                     close\r\n\r\n",
                    body.len()
                );
                client.write_all(&[head.as_bytes(), body.as_bytes()].concat())
            }
            Some(SocketFault::Bytes(bytes)) => client.write_all(&bytes),
            Some(SocketFault::Mute) => {
                // Until the client gives up.
                client.read_to_end(&mut Vec::new()).map(drop)
            }
            Some(SocketFault::Cut) => Ok(()),
            Some(SocketFault::CutAfter(bytes)) => self.forward(client, &head, bytes as u64),
            Some(SocketFault::Delay(time)) => {
                thread::sleep(time);
                self.forward(client, &head, u64::MAX)
            }
            None => self.forward(client, &head, u64::MAX),
        }
    }

    fn fault(&self, request: &str) -> Option<SocketFault> {
        let mut rules = self.rules.lock().unwrap();
        let rule = rules.iter_mut().rev().find(|rule| rule.times > 0 && matches(&rule.pattern, request))?;
        rule.times -= 1;
        Some(rule.fault.clone())
    }

    /// Lets a connection through whose request began with `head`, and at most `bytes` of the answer.
    fn forward(&self, mut client: UnixStream, head: &str, bytes: u64) -> io::Result<()> {
        let Some(real) = &self.real else {
            let body = r#"{"message":"page not found"}"#;
            return write!(client, "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        };
        let mut server = UnixStream::connect(real)?;
        server.write_all(one_request(head).as_bytes())?;
        let (mut up, mut up_client) = (server.try_clone()?, client.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut up_client, &mut up);
            let _ = up.shutdown(Shutdown::Write);
        });
        io::copy(&mut server.take(bytes), &mut client)?;
        client.shutdown(Shutdown::Both)
    }
}

/// A request's lines up to the empty one. Byte by byte: what follows belongs to whom it is forwarded.
fn read_head(client: &mut UnixStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// `head` with the wish that the connection ends with its answer, so that each request comes by a connection that is
/// looked at; an upgrade keeps its own wish.
fn one_request(head: &str) -> String {
    if head.to_ascii_lowercase().contains("\r\nconnection:") {
        return head.to_owned();
    }
    let mut text = head.trim_end().to_owned();
    let _ = write!(text, "\r\nConnection: close\r\n\r\n");
    text
}

fn matches(pattern: &str, request: &str) -> bool {
    let (Some((method, pattern)), Some((asked, path))) = (pattern.split_once(' '), request.split_once(' ')) else {
        return false;
    };
    let path = path.split('?').next().unwrap_or_default();
    let versioned = path.strip_prefix("/v").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let is_version = path.strip_prefix("/v").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let path = versioned.filter(|_| is_version).unwrap_or(path);
    let (parts, asked_parts): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    method == asked
        && parts.len() == asked_parts.len()
        && parts.iter().zip(asked_parts).all(|(part, asked)| *part == "*" || *part == asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_neither_version_nor_query() {
        for (pattern, request, expected) in [
            ("GET /version", "GET /version", true),
            ("GET /version", "GET /v1.41/version", true),
            ("GET /volumes", "GET /volumes?x=/", true),
            ("POST /containers/*/start", "POST /v1.41/containers/a-b/start?x=1", true),
            ("POST /containers/*/start", "POST /v1.41/containers/a-b/stop", false),
            ("POST /containers/*/start", "GET /v1.41/containers/a/start", false),
            ("GET /containers/*", "GET /containers/a/json", false),
        ] {
            assert_eq!(matches(pattern, request), expected, "{pattern} {request}");
        }
    }

    fn ask(engine: &FaultyEngine, request: &str) -> String {
        let mut client = UnixStream::connect(engine.directory.path().join("docker.sock")).unwrap();
        client.write_all(format!("{request} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer);
        answer
    }

    #[test]
    fn faults_happen_as_often_as_they_should_and_are_told() {
        let engine = FaultyEngine::alone();
        engine.on("GET /_ping", SocketFault::answer(200, "OK"));
        engine.on_first(1, "GET /_ping", SocketFault::Cut);
        assert_eq!(ask(&engine, "GET /_ping"), "");
        assert!(ask(&engine, "GET /_ping").ends_with("\r\n\r\nOK"));
        assert!(ask(&engine, "GET /info").starts_with("HTTP/1.1 404 "));
        assert_eq!(engine.requests(), ["GET /_ping", "GET /_ping", "GET /info"]);
    }

    #[test]
    fn what_no_rule_names_is_the_real_engines() {
        let Some(address) = crate::engine() else { return };
        let engine = FaultyEngine::before(&address);
        assert!(ask(&engine, "GET /_ping").ends_with("\r\n\r\nOK"));
        engine.on("GET /_ping", SocketFault::CutAfter(4));
        assert_eq!(ask(&engine, "GET /_ping"), "HTTP");
    }
}
