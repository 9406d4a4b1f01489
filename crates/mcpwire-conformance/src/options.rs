//! The command line.

use std::net::SocketAddr;

/// What the command line asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) transport: Transport,
    pub(crate) page_size: usize,
    pub(crate) until_stdin_closes: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Stdio,
    Http(SocketAddr),
}

const USAGE: &str = "\
usage: mcpwire-conformance (--stdio | --http ADDRESS:PORT) [--page-size N] [--until-stdin-closes]

  --http ADDRESS:PORT    port 0 is a free one; the first line on stdout is the URL
  --page-size N          entries on one page of a list (100)
  --until-stdin-closes   end when standard input does, so as not to outlive whoever holds it";

impl Options {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = args;
        let (mut transport, mut page_size, mut until_stdin_closes) = (None, 100, false);
        while let Some(arg) = args.next() {
            let mut value = || {
                args.next()
                    .ok_or_else(|| format!("{arg} needs a value\n{USAGE}"))
            };
            match arg.as_str() {
                "--stdio" => transport = Some(Transport::Stdio),
                "--http" => {
                    let address = value()?;
                    let parsed = address
                        .parse()
                        .map_err(|error| format!("{address}: {error}"))?;
                    transport = Some(Transport::Http(parsed));
                }
                "--page-size" => {
                    let number = value()?;
                    page_size = number
                        .parse()
                        .map_err(|error| format!("{number}: {error}"))?;
                }
                "--until-stdin-closes" => until_stdin_closes = true,
                _ => return Err(format!("unknown option {arg:?}\n{USAGE}")),
            }
        }
        let transport = transport.ok_or_else(|| USAGE.to_owned())?;
        Ok(Self {
            transport,
            page_size,
            until_stdin_closes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_is_read() {
        let options = parse("--http 127.0.0.1:0 --page-size 4").unwrap();
        assert_eq!(
            options.transport,
            Transport::Http(([127, 0, 0, 1], 0).into())
        );
        assert_eq!(options.page_size, 4);
        assert_eq!(parse("--stdio").unwrap().transport, Transport::Stdio);
    }

    #[test]
    fn a_wrong_one_says_how_it_goes() {
        for line in ["", "--http", "--page-size 4", "--stdio --verbose"] {
            assert!(parse(line).unwrap_err().contains("usage"), "{line}");
        }
        assert!(parse("--http nowhere").is_err());
    }
}
