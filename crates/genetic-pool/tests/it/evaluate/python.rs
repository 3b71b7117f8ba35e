//! Python functions.

use super::*;

#[test]
fn a_function_of_the_parameters() {
    let lab = Lab::python("def f(parameters):\n    return parameters['x'] * 2 + 0.1\n");
    let xs = [0.1, 0.25, 1.0 / 3.0];
    for slots in [1, 2] {
        let found = lab.evaluate_x(&xs, slots);
        assert_eq!(found, xs.map(|x| Ok(vec![x * 2.0 + 0.1])));
    }
    assert_eq!(lab.logs(), []);
}
