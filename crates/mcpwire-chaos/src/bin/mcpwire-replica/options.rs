//! What can be said on the command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: mcpwire-replica --state FILE [OPTIONS]

  --name NAME            what the replica calls itself (replica)
  --listen ADDRESS       where it listens (127.0.0.1:0)
  --state FILE           the file with the serial number, which all replicas share
  --nats URL             the NATS server that carries changes to all replicas; without it, each
                         replica looks for changes in the file

MCPWIRE_STATE_KEYS holds the key that all replicas share, 64 hexadecimal digits. SIGTERM ends it
once what it has begun is answered.
";

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) listen: String,
    pub(crate) state: PathBuf,
    pub(crate) nats: Option<String>,
}

impl Options {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut name, mut listen) = ("replica".to_owned(), "127.0.0.1:0".to_owned());
        let (mut state, mut nats) = (None, None);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--name" => name = value()?,
                "--listen" => listen = value()?,
                "--state" => state = Some(PathBuf::from(value()?)),
                "--nats" => nats = Some(value()?),
                _ => return Err(format!("unknown option {arg}")),
            }
        }
        let state = state.ok_or("--state is needed")?;
        Ok(Self {
            name,
            listen,
            state,
            nats,
        })
    }
}
