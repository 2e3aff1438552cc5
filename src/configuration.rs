//! Configurations in JSON that people write, or earlier versions.
//!
//! burn derives how a configuration is read. That takes no defaults for fields that are not there,
//! and ignores fields that it does not know.

use serde_json::Value;

/// Puts the defaults in the place of fields that are not there, but for those without a default.
pub(crate) fn complete(json: &mut Value, defaults: Value, required: &[&str]) {
    if let (Value::Object(fields), Value::Object(defaults)) = (json, defaults) {
        for (name, value) in defaults {
            if !required.contains(&&*name) {
                fields.entry(name).or_insert(value);
            }
        }
    }
}

/// The first field that the configuration does not have.
pub(crate) fn unknown<'a>(json: &'a Value, defaults: &Value) -> Option<&'a String> {
    let mut fields = json.as_object()?.keys();
    fields.find(|field| defaults.get(field).is_none())
}
