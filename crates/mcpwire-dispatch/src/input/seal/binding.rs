//! What a sealed state belongs to.

/// The request that a state belongs to: method, salient params and principal (MRTR-33, ELICIT-40).
#[derive(Clone, Debug)]
pub(crate) struct Binding(Vec<u8>);

impl Binding {
    /// `params` is the text that [`salient_params`](crate::input::canonical::salient_params) gives.
    pub(crate) fn new(method: &str, principal: Option<&str>, params: &str) -> Self {
        let mut bytes = Vec::with_capacity(40 + method.len() + params.len());
        bytes.extend_from_slice(super::PREFIX.as_bytes());
        // Lengths keep the parts apart: no two triples give the same bytes.
        for part in [Some(method), principal, Some(params)] {
            bytes.push(u8::from(part.is_some()));
            let part = part.unwrap_or_default();
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }

    /// What the seal is made over, next to what it hides.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// MRTR-33: no two requests share a binding.
        #[test]
        fn another_request_has_another_binding(
            a in ("[ab]{0,3}", prop::option::of("[ab]{0,3}"), "[ab]{0,3}"),
            b in ("[ab]{0,3}", prop::option::of("[ab]{0,3}"), "[ab]{0,3}"),
        ) {
            let bytes = |(method, principal, params): &(String, Option<String>, String)| {
                Binding::new(method, principal.as_deref(), params).0
            };
            prop_assert_eq!(bytes(&a) == bytes(&b), a == b);
        }
    }
}
