//! Sealed `requestState`: what one round leaves for the next, carried by the client and readable by
//! nobody but the replicas that hold the key (MRTR-29 to MRTR-36).
//!
//! A token is `m1.` and unpadded base64url of: 4 bytes of key fingerprint, a random nonce of 24
//! bytes, and XChaCha20-Poly1305 over an expiry and the payload. The request that the token belongs
//! to is not in it; it is associated data, so a token opens for that request alone. What the payload
//! means is not known here; neither is the clock.

mod binding;
mod error;
mod load;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

pub(crate) use self::binding::Binding;
pub use self::error::{KeyRingError, KeyTextError};
pub(crate) use self::error::{SealError, StateError};

/// Names the format and travels in clear, so that another format can be told apart later.
const PREFIX: &str = "m1.";
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const TAG: usize = 16;
const EXPIRY: usize = 8;
/// What sealing adds to a payload before it becomes text.
const OVERHEAD: usize = KEY_ID + NONCE + EXPIRY + TAG;

/// The keys that seal and open `requestState`.
///
/// The first key seals, every key opens. All replicas of a server hold the same ring, so that a
/// retry may go to any of them (MRTR-43). To change the key without breaking open dialogues, have
/// every replica [`accept`](Self::accept) the new key, then make it the first one and accept the old
/// one, then drop the old one when the lifetime of a state has passed.
///
/// ```
/// use mcpwire_dispatch::KeyRing;
///
/// // 32 bytes as hexadecimal digits or Base64, out of a secret that all replicas share; with
/// // `KeyRing::from_env` and `KeyRing::from_file` from where secrets usually are.
/// let secret = "51e7c98b2b0a42b3d5a1ee0dc0f7a4b6c9135f7b8e2d406a97c3f0b1d2e48f60";
/// let ring = KeyRing::from_text(secret)?;
/// println!("request state key {}", ring.fingerprint());
/// # Ok::<(), mcpwire_dispatch::KeyTextError>(())
/// ```
#[derive(Clone)]
pub struct KeyRing {
    first: RingKey,
    others: Vec<RingKey>,
    /// Whether no other process can have the first key.
    own: bool,
}

#[derive(Clone)]
struct RingKey {
    cipher: XChaCha20Poly1305,
    fingerprint: [u8; 8],
}

impl RingKey {
    fn new(key: [u8; 32]) -> Self {
        let cipher = XChaCha20Poly1305::new(&Key::from(key));
        // The key stream under one nonce that is set aside for this says nothing about the key, and
        // a random nonce does not meet it in the lifetime of the universe.
        let nonce = XNonce::from(*b"mcpwire key fingerprint.");
        let mut fingerprint = [0; 8];
        if let Ok(stream) = cipher.encrypt(&nonce, [0; 8].as_slice()) {
            for (to, from) in fingerprint.iter_mut().zip(stream) {
                *to = from;
            }
        }
        Self {
            cipher,
            fingerprint,
        }
    }

    fn id(&self) -> &[u8] {
        self.fingerprint.get(..KEY_ID).unwrap_or_default()
    }
}

impl KeyRing {
    /// A ring of one key, which should come from a source of randomness and not from a passphrase.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            first: RingKey::new(key),
            others: Vec::new(),
            own: false,
        }
    }

    /// A ring of one key that nobody else has: fit for a server that is one process.
    ///
    /// A second replica, or the same server after a restart, refuses what this ring sealed.
    ///
    /// # Panics
    ///
    /// If the operating system has no source of randomness.
    pub fn random() -> Self {
        Self {
            own: true,
            ..Self::new(Key::generate().into())
        }
    }

    /// Whether it is of this process alone, as [`random`](Self::random) makes it.
    pub fn is_random(&self) -> bool {
        self.own
    }

    /// Adds a key that opens what it sealed elsewhere or earlier, and seals nothing itself.
    #[must_use]
    pub fn accept(mut self, key: [u8; 32]) -> Self {
        self.others.push(RingKey::new(key));
        self
    }

    /// Tells which key seals, without telling the key: 16 hexadecimal digits, the same wherever the
    /// key is the same.
    ///
    /// On a health endpoint it lets a deployment notice a replica with another key before a client
    /// does.
    pub fn fingerprint(&self) -> String {
        hex(&self.first.fingerprint)
    }

    /// The fingerprints of every key that opens, the sealing one first.
    pub fn fingerprints(&self) -> impl Iterator<Item = String> + '_ {
        self.keys().map(|key| hex(&key.fingerprint))
    }

    /// Checks that the key that seals is the one with this [`fingerprint`](Self::fingerprint), which is
    /// no secret and can stand in the configuration of a deployment.
    pub fn expect(self, fingerprint: &str) -> Result<Self, KeyRingError> {
        let found = self.fingerprint();
        if found.eq_ignore_ascii_case(fingerprint.trim()) {
            return Ok(self);
        }
        Err(KeyRingError::Different {
            expected: fingerprint.trim().to_owned(),
            found,
        })
    }

    fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Seals a payload for one request. `limit` bounds the token's length in bytes.
    pub(crate) fn seal(
        &self,
        payload: &[u8],
        binding: &Binding,
        lifetime: Duration,
        now: SystemTime,
        limit: usize,
    ) -> Result<String, SealError> {
        let length = token_length(payload.len());
        if length > limit {
            return Err(SealError::TooLong { length, limit });
        }
        let expiry =
            millis(now).saturating_add(u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX));
        let mut plain = Vec::with_capacity(EXPIRY + payload.len());
        plain.extend_from_slice(&expiry.to_be_bytes());
        plain.extend_from_slice(payload);
        let nonce = XNonce::try_generate().map_err(|_| SealError::NoRandomness)?;
        let sealed = self
            .first
            .cipher
            .encrypt(
                &nonce,
                Payload {
                    msg: &plain,
                    aad: binding.as_bytes(),
                },
            )
            .map_err(|_| SealError::TooLong { length, limit })?;
        let mut token = Vec::with_capacity(OVERHEAD + payload.len());
        token.extend_from_slice(self.first.id());
        token.extend_from_slice(&nonce);
        token.extend_from_slice(&sealed);
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(token)))
    }

    /// The payload of a token, if it was sealed by one of these keys, for this very request, and its
    /// time has not passed. `limit` is the longest token that is looked at, in bytes.
    pub(crate) fn open(
        &self,
        token: &str,
        binding: &Binding,
        now: SystemTime,
        limit: usize,
    ) -> Result<Vec<u8>, StateError> {
        if token.len() > limit {
            return Err(StateError::TooLong {
                length: token.len(),
                limit,
            });
        }
        let text = token.strip_prefix(PREFIX).ok_or(StateError::Malformed)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| StateError::Malformed)?;
        let (id, rest) = bytes
            .split_at_checked(KEY_ID)
            .ok_or(StateError::Malformed)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE>()
            .ok_or(StateError::Malformed)?;
        let mut plain = Err(StateError::UnknownKey);
        // More than one key may have the same short ID.
        for key in self.keys().filter(|key| key.id() == id) {
            let payload = Payload {
                msg: sealed,
                aad: binding.as_bytes(),
            };
            plain = key
                .cipher
                .decrypt(&XNonce::from(*nonce), payload)
                .map_err(|_| StateError::Refused);
            if plain.is_ok() {
                break;
            }
        }
        let mut plain = plain?;
        let expiry = *plain.first_chunk::<EXPIRY>().ok_or(StateError::Malformed)?;
        if millis(now) >= u64::from_be_bytes(expiry) {
            return Err(StateError::Expired);
        }
        plain.drain(..EXPIRY);
        Ok(plain)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing ")?;
        f.debug_list().entries(self.fingerprints()).finish()
    }
}

/// Base64 without padding takes 4 bytes for 3, and 2 or 3 for what is left.
fn token_length(payload: usize) -> usize {
    PREFIX.len()
        + payload
            .saturating_add(OVERHEAD)
            .saturating_mul(4)
            .div_ceil(3)
}

/// A clock before 1970 counts as 1970: nothing expires late because of it.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 4096;
    const LIFETIME: Duration = Duration::from_secs(600);

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn binding() -> Binding {
        Binding::new("tools/call", Some("ada"), r#"{"name":"pay",}"#)
    }

    fn seal(ring: &KeyRing, payload: &[u8]) -> String {
        ring.seal(payload, &binding(), LIFETIME, at(1_000), LIMIT)
            .unwrap()
    }

    fn open(ring: &KeyRing, token: &str) -> Result<Vec<u8>, StateError> {
        ring.open(token, &binding(), at(1_001), LIMIT)
    }

    #[test]
    fn mrtr_33_state_opens_only_for_the_request_that_it_belongs_to() {
        let ring = KeyRing::new([7; 32]);
        let token = seal(&ring, b"payload");
        let open_for = |method, principal, params| {
            ring.open(
                &token,
                &Binding::new(method, principal, params),
                at(1_001),
                LIMIT,
            )
        };
        let params = r#"{"name":"pay",}"#;
        assert_eq!(
            open_for("tools/call", Some("ada"), params),
            Ok(b"payload".to_vec())
        );
        for (method, principal, params) in [
            ("prompts/get", Some("ada"), params),
            ("tools/call", Some("eve"), params),
            ("tools/call", Some(""), params),
            ("tools/call", None, params),
            ("tools/call", Some("ada"), r#"{"name":"buy",}"#),
        ] {
            assert_eq!(
                open_for(method, principal, params),
                Err(StateError::Refused)
            );
        }
    }

    #[test]
    fn mrtr_33_state_expires() {
        let ring = KeyRing::new([7; 32]);
        let token = seal(&ring, b"payload");
        assert!(ring.open(&token, &binding(), at(1_599), LIMIT).is_ok());
        assert_eq!(
            ring.open(&token, &binding(), at(1_600), LIMIT),
            Err(StateError::Expired)
        );
    }

    #[test]
    fn keys_rotate_without_breaking_open_dialogues() {
        let (old, new) = ([1; 32], [2; 32]);
        let token = seal(&KeyRing::new(old), b"payload");
        assert_eq!(
            open(&KeyRing::new(new), &token),
            Err(StateError::UnknownKey)
        );
        assert_eq!(
            open(&KeyRing::new(new).accept(old), &token),
            Ok(b"payload".to_vec())
        );
        let token = seal(&KeyRing::new(new).accept(old), b"payload");
        assert_eq!(open(&KeyRing::new(new), &token), Ok(b"payload".to_vec()));
    }

    #[test]
    fn keys_of_one_process_are_not_those_of_another() {
        let token = seal(&KeyRing::random(), b"payload");
        assert_eq!(
            open(&KeyRing::random(), &token),
            Err(StateError::UnknownKey)
        );
    }

    #[test]
    fn equal_payloads_give_different_tokens() {
        let ring = KeyRing::new([7; 32]);
        assert_ne!(seal(&ring, b"payload"), seal(&ring, b"payload"));
    }

    #[test]
    fn mrtr_31_what_was_never_sealed_is_refused() {
        let ring = KeyRing::new([7; 32]);
        for token in [
            "",
            "m1.",
            "m1.AAAA",
            "m2.AAAA",
            "not base64!",
            "m1.%%%%",
            "ż",
        ] {
            assert_eq!(open(&ring, token), Err(StateError::Malformed), "{token}");
        }
        let token = seal(&ring, b"payload");
        assert!(open(&ring, &format!("{token}-TAMPERED")).is_err());
        assert_eq!(
            open(&ring, &format!("{token}=")),
            Err(StateError::Malformed)
        );
    }

    #[test]
    fn tokens_are_bounded_both_ways() {
        let ring = KeyRing::new([7; 32]);
        let token = seal(&ring, &[0; 100]);
        let length = token.len();
        let seal_within = |limit| {
            ring.seal(&[0; 100], &binding(), LIFETIME, at(0), limit)
                .map(|token| token.len())
        };
        assert_eq!(seal_within(length), Ok(length));
        assert_eq!(
            seal_within(length - 1),
            Err(SealError::TooLong {
                length,
                limit: length - 1
            })
        );
        assert_eq!(
            ring.open(&token, &binding(), at(0), length - 1),
            Err(StateError::TooLong {
                length,
                limit: length - 1
            })
        );
    }

    #[test]
    fn debug_shows_fingerprints_and_no_key() {
        let ring = KeyRing::new([0xab; 32]);
        let text = format!("{ring:?}");
        assert_eq!(text, format!("KeyRing [{:?}]", ring.fingerprint()));
        assert!(!text.contains("abab"));
        assert_eq!(ring.fingerprint().len(), 16);
        assert_ne!(ring.fingerprint(), KeyRing::new([0xac; 32]).fingerprint());
    }

    #[test]
    fn a_key_fingerprint_stays_the_same_from_release_to_release() {
        assert_eq!(KeyRing::new([0; 32]).fingerprint(), "10d9842bf171a326");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(payload in prop::collection::vec(any::<u8>(), 0..300), key: [u8; 32]) {
            let ring = KeyRing::new(key);
            let token = seal(&ring, &payload);
            prop_assert_eq!(token.len(), token_length(payload.len()));
            prop_assert_eq!(open(&ring, &token), Ok(payload));
        }

        /// MRTR-30, MRTR-31
        #[test]
        fn any_flipped_bit_is_refused(
            payload in prop::collection::vec(any::<u8>(), 0..100),
            at in any::<prop::sample::Index>(),
            bit in 0..8_u32,
        ) {
            let ring = KeyRing::new([7; 32]);
            let mut token = seal(&ring, &payload).into_bytes();
            let at = at.index(token.len());
            token[at] ^= 1 << bit;
            if let Ok(token) = String::from_utf8(token) {
                prop_assert!(open(&ring, &token).is_err());
            }
        }

        #[test]
        fn any_cut_or_longer_token_is_refused(cut in any::<prop::sample::Index>(), more in "[A-Za-z0-9_-]{1,9}") {
            let ring = KeyRing::new([7; 32]);
            let token = seal(&ring, b"payload");
            prop_assert!(open(&ring, &token[..cut.index(token.len())]).is_err());
            let longer = token + &more;
            prop_assert!(open(&ring, &longer).is_err());
        }
    }
}
