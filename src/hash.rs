//! A hash for files, the same in all versions.

/// FNV-1a of 64 bits (Fowler, Noll and Vo 1991).
///
/// The standard library's hash may change between versions. Any change within one byte changes this
/// hash, since each step is a one-to-one map of hashes. It is not collision-resistant against
/// attackers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash(u64);

impl Default for Hash {
    /// The hash of no bytes.
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    /// The hash of these bytes after those before.
    pub fn and(self, bytes: &[u8]) -> Self {
        let mut hash = self.0;
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(hash)
    }

    /// The hash of these numbers' bytes, the lowest first, after what came before.
    pub fn and_numbers(self, numbers: &[f32]) -> Self {
        let hash = |hash: Self, number: &f32| hash.and(&number.to_le_bytes());
        numbers.iter().fold(self, hash)
    }

    pub fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test suite of the algorithm's authors (RFC 9923, appendix C).
    #[test]
    fn published_values() {
        let of = |text: &str| Hash::default().and(text.as_bytes()).value();
        assert_eq!(of(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(of("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(of("foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(
            Hash::default().and(b"foo").and(b"bar").value(),
            of("foobar")
        );
    }
}
