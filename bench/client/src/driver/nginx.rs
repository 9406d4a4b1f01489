//! nginx as a gateway, where it is installed.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bench_kit::{Core, Process};

use super::gateways::Gateway;
use crate::text;

pub(super) fn start(server: &str, path: &str) -> Result<Option<Gateway>, String> {
    let version = Command::new("nginx")
        .arg("-v")
        .stderr(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    // Free now, and so most likely a moment later.
    let address = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(text)?
        .to_string();
    let folder = std::env::temp_dir().join(format!("bench-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(text)?;
    let file = folder.join("nginx.conf");
    std::fs::write(
        &file,
        config(server, path, &address, &folder.display().to_string()),
    )
    .map_err(text)?;
    let mut command = Core::CONTESTANT.command("nginx");
    command
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&file)
        .stderr(Stdio::null());
    let process = Process::start(command)?;
    let until = Instant::now() + Duration::from_secs(5);
    while TcpStream::connect(&address).is_err() {
        if Instant::now() > until {
            return Err("nginx does not listen".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Some(Gateway { process, address }))
}

/// One process, connections to the server are kept, and no files are written that can be left out.
fn config(server: &str, path: &str, address: &str, folder: &str) -> String {
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log /dev/null crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n\
         access_log off; keepalive_requests 1000000000; client_max_body_size 1m;\n\
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
         fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n\
         upstream bench {{ server {server}; keepalive 64; keepalive_requests 1000000000; }}\n\
         server {{ listen {address}; location /mcp {{\n\
         proxy_pass http://bench{path}; proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
         }} }} }}\n"
    )
}
