//! One cold build, and what it left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one build cost.
pub(crate) struct Built {
    pub(crate) time: Duration,
    /// Bytes of the stripped executable.
    pub(crate) size: u64,
}

/// The workspace of the benches.
pub(crate) struct Workspace(PathBuf);

impl Workspace {
    pub(crate) fn here() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self(own.parent().unwrap_or(own).to_path_buf())
    }

    pub(crate) fn fetch(&self) -> Result<(), String> {
        self.run(self.cargo("fetch"))
    }

    /// How many crates are built beside the server's own.
    pub(crate) fn crates(&self, name: &str) -> Result<usize, String> {
        let mut cargo = self.cargo("tree");
        let package = format!("footprint-{name}");
        cargo.args(["--package", &package, "--edges=normal,build"]);
        cargo.args(["--prefix=none", "--format={p}"]);
        let listed = cargo.output().map_err(|error| format!("cargo: {error}"))?;
        if !listed.status.success() {
            return Err(format!("{cargo:?} failed"));
        }
        // `name v1.2.3 (proc-macro) (*)`
        let listed = String::from_utf8_lossy(&listed.stdout);
        let crates: BTreeSet<Vec<&str>> = listed
            .lines()
            .map(|line| line.split(' ').take(2).collect())
            .collect();
        Ok(crates.len().saturating_sub(1))
    }

    /// Builds a server with nothing built before.
    pub(crate) fn build(&self, name: &str) -> Result<Built, String> {
        let target = Temporary::new(name)?;
        let package = format!("footprint-{name}");
        let mut cargo = self.cargo("build");
        cargo.args(["--offline", "--release", "--package", &package]);
        cargo.arg("--target-dir").arg(&target.0);
        let started = Instant::now();
        self.run(cargo)?;
        let time = started.elapsed();
        let executable = target.0.join("release").join(package);
        let executable = executable.with_extension(std::env::consts::EXE_EXTENSION);
        let found = std::fs::metadata(&executable);
        let found = found.map_err(|error| format!("{}: {error}", executable.display()))?;
        let size = found.len();
        Ok(Built { time, size })
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.0).args([command, "--locked"]);
        // Nothing that was built before, neither here nor in somebody's cache.
        for kept in [
            "CARGO_TARGET_DIR",
            "RUSTC_WRAPPER",
            "CARGO_BUILD_RUSTC_WRAPPER",
        ] {
            cargo.env_remove(kept);
        }
        cargo.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        cargo
    }

    fn run(&self, mut cargo: Command) -> Result<(), String> {
        let status = cargo.arg("--quiet").stdin(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(format!("{cargo:?} failed")),
            Err(error) => Err(format!("{cargo:?}: {error}")),
        }
    }
}

/// A folder that goes with the build.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Result<Self, String> {
        let own = format!("mcpwire-footprint-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(own);
        std::fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed now is for whoever tidies temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
