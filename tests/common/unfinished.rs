//! The file of an unfinished report.

use std::{fs, path::Path};

/// The text of an unfinished report's key, and that of its passes.
pub fn key_and_passes(path: &Path) -> [String; 2] {
    let text = fs::read_to_string(path).unwrap();
    let text = text.strip_prefix(r#"{"key":"#).unwrap();
    let (key, rest) = text.split_once(r#","passes":"#).unwrap();
    let (passes, _) = rest.rsplit_once(r#","check":"#).unwrap();
    [key, passes].map(str::to_owned)
}

/// Writes an unfinished report with its hash, FNV-1a of 64 bits (RFC 9923).
pub fn write_checked(path: &Path, key: &str, passes: &str) {
    let all = format!("[{key},{passes}]");
    let hash = all.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let text = format!(r#"{{"key":{key},"passes":{passes},"check":"{hash:016x}"}}"#);
    fs::write(path, text).unwrap();
}

/// Passes whose first row has the value −1.25, so that another visit would show.
pub fn marked(passes: &str) -> String {
    let first = passes.find(r#""values":["#).unwrap() + r#""values":["#.len();
    let second = first + passes[first..].find(',').unwrap();
    format!("{}-1.25{}", &passes[..first], &passes[second..])
}
