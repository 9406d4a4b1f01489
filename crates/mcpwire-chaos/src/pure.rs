//! What the server answers and the crew can compute for itself.

/// Sums up a text: FNV-1a with 64 bits, in hexadecimal digits.
pub fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// What a booking comes to.
pub fn booking(day: &str, guests: i64, name: &str) -> String {
    format!("A table for {guests} on {day}, under the name of {name}")
}

/// What the prompts say.
pub fn greeting(who: &str) -> String {
    format!("Greet {who} as an old friend.")
}
