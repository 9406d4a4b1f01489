//! Changes that are told apart by their number.
//!
//! A change is announced as an update of a part of the resource that holds the number of the newest
//! one. So whoever listens knows which change a notification is about, and none can be lost or doubled
//! unnoticed.

/// The resource that holds the number of the newest change.
pub const RESOURCE: &str = "counter://serial";

/// What is announced of a change: a part of the resource.
pub fn part(serial: u64) -> String {
    format!("{RESOURCE}/{serial}")
}

/// The number in an announcement; none where the resource as a whole was announced.
pub fn of_part(uri: &str) -> Option<u64> {
    uri.strip_prefix(RESOURCE)?.strip_prefix('/')?.parse().ok()
}

/// Whether a change is one of the tool list too.
pub fn changes_tools(serial: u64) -> bool {
    serial.is_multiple_of(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_names_its_change() {
        assert_eq!(of_part(&part(7)), Some(7));
        assert_eq!(of_part(RESOURCE), None);
        assert_eq!(of_part("counter://serial7"), None);
    }
}
