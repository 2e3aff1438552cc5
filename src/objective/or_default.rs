//! Settings that are missing in files of earlier versions.

/// Reads and writes a setting by its derived form (`#[serde(remote = "Self")]`). A setting that a
/// file holds no value for is the default.
macro_rules! saved_or_default {
    ($setting:ident) => {
        impl serde::Serialize for $setting {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Calls the derived function, which is inherent and not this trait's method.
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $setting {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Said($setting);
                impl<'de> serde::Deserialize<'de> for Said {
                    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                        $setting::deserialize(from).map(Said)
                    }
                }
                let said = Option::<Said>::deserialize(deserializer)?;
                Ok(said.map_or_else(Self::default, |Said(setting)| setting))
            }
        }
    };
}

pub(super) use saved_or_default;
