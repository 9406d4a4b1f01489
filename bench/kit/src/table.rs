//! Medians side by side, as many times as much as the first column, and whether the aims are reached.

use std::fmt;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
    /// How many in a second.
    Rate,
    Count,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            _ if value.is_nan() => "-".to_owned(),
            Self::Time if value < 1e3 => format!("{value:.0} ns"),
            Self::Time if value < 1e6 => format!("{:.1} µs", value / 1e3),
            Self::Time if value < 1e9 => format!("{:.1} ms", value / 1e6),
            Self::Time => format!("{:.2} s", value / 1e9),
            Self::Bytes if value < 1024.0 => format!("{value:.0} B"),
            Self::Bytes if value < 1024.0 * 1024.0 => format!("{:.1} KiB", value / 1024.0),
            Self::Bytes => format!("{:.1} MiB", value / (1024.0 * 1024.0)),
            Self::Rate if value < 1e4 => format!("{value:.0}/s"),
            Self::Rate => format!("{:.1} k/s", value / 1e3),
            Self::Count => format!("{value:.1}"),
        }
    }
}

/// One measure of all contestants; `NaN` where one has none.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub unit: Unit,
    pub values: Vec<f64>,
}

/// A ratio that is wanted.
#[derive(Clone, Debug)]
pub enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

/// Prints as Markdown.
#[derive(Clone, Debug, Default)]
pub struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    aims: Vec<(String, f64, Aim)>,
}

impl Table {
    /// The first column is what the others are compared with.
    pub fn new<C: Into<String>>(
        title: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        Self {
            title: title.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Values are in the order of the columns.
    pub fn row(&mut self, name: impl Into<String>, unit: Unit, values: Vec<f64>) {
        self.rows.push(Row {
            name: name.into(),
            unit,
            values,
        });
    }

    /// A line below the table. What is not a number was not measured, and is left out.
    pub fn aim(&mut self, name: impl Into<String>, ratio: f64, aim: Aim) {
        if !ratio.is_nan() {
            self.aims.push((name.into(), ratio, aim));
        }
    }

    /// The value of a row in a column; not a number where there is none.
    pub fn value(&self, row: &str, column: &str) -> f64 {
        let column = self.columns.iter().position(|name| name == column);
        let row = self.rows.iter().find(|found| found.name == row);
        let value = row.zip(column).and_then(|(row, at)| row.values.get(at));
        value.copied().unwrap_or(f64::NAN)
    }

    /// The first value of a row as many times as much as the second one.
    pub fn ratio(&self, row: &str, column: &str, of: &str) -> f64 {
        self.value(row, column) / self.value(row, of)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.title)?;
        for column in &self.columns {
            write!(f, " {column} |")?;
        }
        writeln!(f, "\n|---{}|", "|---".repeat(self.columns.len()))?;
        for row in &self.rows {
            write!(f, "| {} |", row.name)?;
            let first = row.values.first().copied().unwrap_or(f64::NAN);
            for (at, &value) in row.values.iter().enumerate() {
                write!(f, " {}", row.unit.show(value))?;
                let ratio = value / first;
                if at > 0 && !ratio.is_nan() {
                    let digits = if ratio < 100.0 { 2 } else { 0 };
                    write!(f, " ({ratio:.digits$}×)")?;
                }
                write!(f, " |")?;
            }
            writeln!(f)?;
        }
        if !self.aims.is_empty() {
            writeln!(f)?;
        }
        for (name, ratio, aim) in &self.aims {
            let (holds, word, bound) = match *aim {
                Aim::AtLeast(least) => (*ratio >= least, "at least", least),
                Aim::AtMost(most) => (*ratio <= most, "at most", most),
            };
            let verdict = if holds { "holds" } else { "does not hold" };
            writeln!(f, "{name}: {ratio:.2}, {word} {bound}: {verdict}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_printed() {
        let mut table = Table::new("HTTP", ["bare", "ours"]);
        table.row("rate", Unit::Rate, vec![1000.0, 900.0]);
        table.row("memory", Unit::Bytes, vec![f64::NAN, 2048.0]);
        let ratio = table.ratio("rate", "ours", "bare");
        table.aim("rate", ratio, Aim::AtLeast(0.8));
        table.aim("again", ratio, Aim::AtMost(0.8));
        table.aim(
            "never",
            table.ratio("rate", "ours", "rmcp"),
            Aim::AtMost(1.0),
        );
        let text = "\
            | HTTP | bare | ours |\n|---|---|---|\n| rate | 1000/s | 900/s (0.90×) |\n\
            | memory | - | 2.0 KiB |\n\nrate: 0.90, at least 0.8: holds\n\
            again: 0.90, at most 0.8: does not hold\n";
        assert_eq!(table.to_string(), text);
    }
}
