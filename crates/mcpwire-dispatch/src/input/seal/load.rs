//! Key rings out of text, the environment and files.

use std::env::{self, VarError};
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{KeyRing, KeyRingError, KeyTextError};

/// More keys than any rotation needs.
const MAX_KEYS: usize = 16;
/// Bytes of a file that are read: many times what the keys take.
const MAX_FILE: u64 = 64 * 1024;
/// Fewer different bytes than this do not occur among 32 random ones: not once in 10^15 keys.
const LEAST_DIFFERENT: usize = 17;

/// Rings out of a configuration.
impl KeyRing {
    /// Keys out of text: each is 32 bytes as 64 hexadecimal digits or as Base64 (either alphabet, padded
    /// or not), as `openssl rand -hex 32` prints them. Commas or white space stand between several, 16 at
    /// most; the first one seals.
    ///
    /// Keys that no source of randomness gives (words, repetitions) are refused.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        let words = words.filter(|word| !word.is_empty());
        let mut ring: Option<Self> = None;
        for (position, word) in (1..).zip(words) {
            if position > MAX_KEYS {
                return Err(KeyTextError::TooMany { limit: MAX_KEYS });
            }
            let key = parse_key(word).ok_or(KeyTextError::NotAKey { position })?;
            if is_weak(&key) {
                return Err(KeyTextError::Weak { position });
            }
            ring = Some(match ring {
                None => Self::new(key),
                Some(ring) => ring.accept(key),
            });
        }
        ring.ok_or(KeyTextError::Empty)
    }

    /// [`from_text`](Self::from_text) out of an environment variable.
    pub fn from_env(name: &str) -> Result<Self, KeyRingError> {
        let variable = || format!("the environment variable {name}");
        match env::var(name) {
            Ok(text) => Self::from_text(&text).map_err(|source| KeyRingError::Text {
                place: variable(),
                source,
            }),
            Err(VarError::NotPresent) => Err(KeyRingError::Absent { place: variable() }),
            Err(VarError::NotUnicode(_)) => Err(KeyRingError::Text {
                place: variable(),
                source: KeyTextError::NotAKey { position: 1 },
            }),
        }
    }

    /// [`from_text`](Self::from_text) out of a file, such as a mounted secret.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let path = path.as_ref();
        let place = || format!("the file {}", path.display());
        let unreadable = |source| KeyRingError::Unreadable {
            place: place(),
            source,
        };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut text = String::new();
        file.take(MAX_FILE)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        Self::from_text(&text).map_err(|source| KeyRingError::Text {
            place: place(),
            source,
        })
    }
}

fn parse_key(word: &str) -> Option<[u8; 32]> {
    if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let mut key = [0; 32];
        for (index, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(word.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        return Some(key);
    }
    let word = word.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD
        .decode(word)
        .or_else(|_| STANDARD_NO_PAD.decode(word))
        .ok()?;
    bytes.try_into().ok()
}

/// Whether somebody thought of the key instead of drawing it: it is text, or repeats or counts.
fn is_weak(key: &[u8; 32]) -> bool {
    let is_text = key
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let different = |values: &mut dyn Iterator<Item = u8>| {
        let mut values: Vec<_> = values.collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    };
    let steps = key.iter().zip(key.iter().skip(1));
    let mut steps = steps.map(|(one, next)| next.wrapping_sub(*one));
    is_text
        || different(&mut key.iter().copied()) < LEAST_DIFFERENT
        || different(&mut steps) < LEAST_DIFFERENT - 1
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "51e7c98b2b0a42b3d5a1ee0dc0f7a4b6c9135f7b8e2d406a97c3f0b1d2e48f60";
    const TWO: &str = "0e8be4a0be3d1ff1c9cf0f0d7fb9d2f9a64d94a6f86d5ae18d1ae3c65dbb1c27";

    fn key(hex: &str) -> [u8; 32] {
        parse_key(hex).unwrap()
    }

    #[test]
    fn keys_are_read_from_text() {
        let ring = KeyRing::new(key(ONE)).accept(key(TWO));
        let upper = ONE.to_uppercase();
        for text in [
            format!("{upper},{TWO}"),
            format!("  {ONE}\n{}\n", STANDARD_NO_PAD.encode(key(TWO))),
            format!("{ONE} {}=", URL_SAFE_NO_PAD.encode(key(TWO))),
        ] {
            let read = KeyRing::from_text(&text).unwrap();
            assert!(read.fingerprints().eq(ring.fingerprints()), "{text}");
        }
        assert_eq!(KeyRing::from_text(" ,").unwrap_err(), KeyTextError::Empty);
        for short in ["0f0f", "passphrase", &ONE[1..], &format!("{ONE}00")] {
            let error = KeyRing::from_text(&format!("{ONE} {short}")).unwrap_err();
            assert_eq!(error, KeyTextError::NotAKey { position: 2 });
            assert!(!error.to_string().contains(short));
        }
        let many = vec![ONE; MAX_KEYS + 1].join(",");
        assert_eq!(
            KeyRing::from_text(&many).unwrap_err(),
            KeyTextError::TooMany { limit: MAX_KEYS }
        );
    }

    #[test]
    fn keys_that_somebody_thought_of_are_refused() {
        let counting: Vec<_> = (0..32).map(|n| n * 3).collect();
        for weak in [
            "00".repeat(32),
            "0f".repeat(32),
            "0123456789abcdef".repeat(4),
            STANDARD_NO_PAD.encode("correct horse battery staple 123"),
            STANDARD_NO_PAD.encode(counting),
        ] {
            let error = KeyRing::from_text(&format!("{ONE},{weak}")).unwrap_err();
            assert_eq!(error, KeyTextError::Weak { position: 2 }, "{weak}");
        }
    }

    #[test]
    fn keys_are_read_from_the_environment() {
        // Cargo sets it, and it holds no key.
        let error = KeyRing::from_env("CARGO_MANIFEST_DIR").unwrap_err();
        assert!(error.to_string().contains("CARGO_MANIFEST_DIR"), "{error}");
        assert!(error.source().is_some());
        let error = KeyRing::from_env("MCPWIRE_NO_SUCH_VARIABLE").unwrap_err();
        assert!(matches!(error, KeyRingError::Absent { .. }));
        assert!(error.to_string().contains("MCPWIRE_NO_SUCH_VARIABLE"));
    }

    #[test]
    fn keys_are_read_from_a_file() {
        let path = std::env::temp_dir().join(format!("mcpwire-keys-{}", std::process::id()));
        std::fs::write(&path, format!("{ONE}\n{TWO}\n")).unwrap();
        let ring = KeyRing::from_file(&path).unwrap();
        assert_eq!(ring.fingerprints().count(), 2);
        std::fs::write(&path, [0xff; 40]).unwrap();
        let error = KeyRing::from_file(&path).unwrap_err();
        assert!(matches!(error, KeyRingError::Unreadable { .. }), "{error}");
        std::fs::remove_file(&path).unwrap();
        let error = KeyRing::from_file(&path).unwrap_err();
        assert!(error.to_string().contains("mcpwire-keys-"), "{error}");
    }

    #[test]
    fn another_key_than_the_one_expected_is_noticed() {
        let ring = KeyRing::from_text(ONE).unwrap();
        let fingerprint = ring.fingerprint();
        let ring = ring
            .expect(&format!("{}\n", fingerprint.to_uppercase()))
            .unwrap();
        let error = ring.expect("0000000000000000").unwrap_err().to_string();
        assert!(
            error.contains(&fingerprint) && error.contains("0000000000000000"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".{0,200}") {
            let _ = KeyRing::from_text(&text);
        }

        #[test]
        fn random_keys_are_not_weak(key: [u8; 32]) {
            // proptest draws edge cases too: those of few different bytes are weak indeed.
            let mut different = key.to_vec();
            different.sort_unstable();
            different.dedup();
            prop_assume!(different.len() > 24);
            prop_assert!(!is_weak(&key));
        }
    }
}
