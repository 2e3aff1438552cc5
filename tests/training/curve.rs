//! Runs that are resumed without their curve, or without checkpoints.

use super::*;

/// It has nothing to go on from, and begins again, unless it should have had checkpoints.
#[test]
fn a_run_without_checkpoints_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let run = |checkpoints| {
        let run = silent(dir.path()).with_resume(true);
        run.with_checkpoints(checkpoints)
    };
    let first = fit(&small(), run(false));
    let again = fit(&small(), run(false));
    assert!(bits(&again.model) == bits(&first.model));
    assert_eq!(again.curve.len(), 4);
    let model = vae(Uncertainty::EncoderAndDecoder);
    let fitted = small().fit(model, &grey(30), Some(&grey(13)), run(true));
    let message = fitted.map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("no checkpoint of them"), "{message}");
}
