//! The laws on a stable compiler: generates seeds, and checks single inputs.
//!
//! ```text
//! mcpwire-laws list                  the laws
//! mcpwire-laws seeds DIRECTORY       writes the seeds of each law to DIRECTORY/LAW
//! mcpwire-laws check LAW FILE..      checks inputs, such as what fuzzing has found
//! ```

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use mcpwire_laws::{LAWS, law, seeds};

const USAGE: &str = "usage: mcpwire-laws list | seeds DIRECTORY | check LAW FILE..";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &arguments[..] {
        ["list"] => list(),
        ["seeds", directory] => write_seeds(Path::new(directory)),
        ["check", name, files @ ..] => check(name, files),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn list() -> Outcome {
    let mut out = std::io::stdout().lock();
    for law in LAWS {
        writeln!(out, "{:10} {}", law.name, law.about)?;
    }
    Ok(())
}

fn write_seeds(directory: &Path) -> Outcome {
    for law in LAWS {
        let directory = directory.join(law.name);
        fs::create_dir_all(&directory)?;
        for seed in seeds::seeds(law.name) {
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            fs::write(directory.join(format!("{:016x}", hasher.finish())), seed)?;
        }
    }
    Ok(())
}

fn check(name: &str, files: &[&str]) -> Outcome {
    let law = law(name).ok_or_else(|| format!("there is no law {name}; `list` tells which"))?;
    for file in files {
        (law.check)(&fs::read(file)?);
        writeln!(std::io::stdout(), "{file}: holds")?;
    }
    Ok(())
}
