//! The medians that criterion leaves on disk.

use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// The median of the latest run of a bench, in nanoseconds.
pub(super) fn median(criterion: &Path, group: &str, function: &str) -> Result<f64, String> {
    // Criterion replaces what cannot stand in the name of a file.
    let file_name = |name: &str| name.replace(['/', '\\', '"', '?', '*', ':', '<', '>', '|'], "_");
    let path = criterion
        .join(file_name(group))
        .join(file_name(function))
        .join("new/estimates.json");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let estimates: Estimates =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(estimates.median.point_estimate)
}

/// A time with three digits or so.
pub(super) fn time(nanoseconds: f64) -> String {
    if nanoseconds < 1e3 {
        format!("{nanoseconds:.0} ns")
    } else if nanoseconds < 1e6 {
        format!("{:.2} µs", nanoseconds / 1e3)
    } else {
        format!("{:.2} ms", nanoseconds / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(time(12.3), "12 ns");
        assert_eq!(time(1234.0), "1.23 µs");
        assert_eq!(time(1_234_567.0), "1.23 ms");
    }

    #[test]
    fn a_bench_that_did_not_run_is_named() {
        let error = median(Path::new("nowhere"), "256 KB tools/list", "rmcp").unwrap_err();
        assert!(error.contains("256 KB tools_list"), "{error}");
    }
}
