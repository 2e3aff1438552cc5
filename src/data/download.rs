//! Fetching a file whose checksum is known.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::{Agent, http::Uri};

use crate::error::{Error, Result};
use crate::file::Aside;
use crate::progress::{Progress, Reporter, Unit, Update};

/// Fetches the file with the given SHA-256 from the first of `urls` that has it.
///
/// Nothing is done when `to` is there already with the right checksum. The folder is created if
/// need be. The bytes go to a hidden file with the ending `.part` in the same folder. It gets the
/// name `to` when it is complete, its checksum is right, and it is synced to disk. It is removed if
/// anything fails. An address is given up when it does not connect within 10 seconds, does not
/// answer within 30 seconds, or does not finish within 5 minutes. The proxy of the environment
/// (`HTTPS_PROXY` and so on) is used, except for addresses on this machine.
///
/// # Errors
///
/// [`Error::Data`] when `to` is there with another checksum: it is never overwritten.
/// [`Error::Download`] when no address gives the right file within `size_limit` bytes; it tells
/// what happened at each. [`Error::Io`] when the file cannot be written. [`Error::Setting`] when
/// `urls` is empty, `sha256` is not 64 hexadecimal digits, or `to` ends in no file name.
///
/// # Example
///
/// ```no_run
/// use burn_bayes::{data::download, progress::Progress};
///
/// download(
///     &["https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"],
///     "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
///     1 << 20,
///     "data/t10k-labels-idx1-ubyte.gz",
///     &Progress::Auto,
/// )?;
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn download(
    urls: &[&str],
    sha256: &str,
    size_limit: u64,
    to: impl AsRef<Path>,
    progress: &Progress,
) -> Result<()> {
    let to = to.as_ref();
    let (Some(folder), Some(name)) = (to.parent(), to.file_name()) else {
        return Err(Error::setting(
            "to",
            format!("is `{}`", to.display()),
            "give the path of a file",
        ));
    };
    let name = name.to_string_lossy();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::setting(
            "sha256",
            format!("is `{sha256}`"),
            "give 64 hexadecimal digits",
        ));
    }
    let Some(first_url) = urls.first() else {
        return Err(Error::setting("urls", "is empty", "give an address"));
    };
    if to.try_exists().map_err(Error::io("read", to))? {
        return check_existing(to, sha256);
    }

    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut reporter = Reporter::new(progress);
    let mut failures = Vec::new();
    for url in urls {
        let mut part = Aside::create(to).map_err(Error::io("create", to))?;
        let wanted = Wanted {
            name: &name,
            sha256,
            size_limit,
        };
        match wanted.fetch(url, &mut part, &mut reporter) {
            Ok(()) => return finish(part, to, sha256),
            Err(Failure::Address(problem)) => failures.push(format!("{url}: {problem}")),
            Err(Failure::Disk(source)) => return Err(Error::io("write", to)(source)),
        }
    }
    Err(Error::Download {
        name: name.to_string(),
        problem: failures.join("; "),
        cure: format!(
            "without a network, get {first_url} by hand and save it as {}",
            to.display()
        ),
    })
}

fn check_existing(path: &Path, sha256: &str) -> Result<()> {
    let mut hasher = Sha256::new();
    File::open(path)
        .and_then(|mut file| io::copy(&mut file, &mut hasher))
        .map_err(Error::io("read", path))?;
    let found = format!("{:x}", hasher.finalize());
    if found.eq_ignore_ascii_case(sha256) {
        return Ok(());
    }
    Err(Error::Data {
        name: path.display().to_string(),
        problem: format!("expected a file with the SHA-256 {sha256}, found {found}"),
        cure: "it is not overwritten: move it away and download again".into(),
    })
}

enum Failure {
    /// The next address may succeed.
    Address(String),
    /// No address can help.
    Disk(io::Error),
}

struct Wanted<'a> {
    name: &'a str,
    sha256: &'a str,
    size_limit: u64,
}

impl Wanted<'_> {
    fn fetch(&self, url: &str, part: &mut Aside, reporter: &mut Reporter) -> Result<(), Failure> {
        let start = Instant::now();
        let response = agent(url)
            .get(url)
            .call()
            .map_err(|error| Failure::Address(error.to_string()))?;
        let total = response.body().content_length();
        let mut body = response.into_body().into_reader();
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut received = 0;
        loop {
            if received.max(total.unwrap_or(0)) > self.size_limit {
                return Err(Failure::Address(format!(
                    "expected at most {} bytes, found more",
                    self.size_limit
                )));
            }
            let bytes = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => &buffer[..length],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(Failure::Address(format!(
                        "stopped after {received} bytes: {error}"
                    )));
                }
            };
            hasher.update(bytes);
            part.write_all(bytes).map_err(Failure::Disk)?;
            received += bytes.len() as u64;
            reporter.tell(&Update {
                done: received,
                total,
                elapsed: start.elapsed(),
                ..Update::new(self.name, Unit::Byte)
            });
        }
        let found = format!("{:x}", hasher.finalize());
        if !found.eq_ignore_ascii_case(self.sha256) {
            return Err(Failure::Address(format!(
                "expected a file with the SHA-256 {}, found {found} ({received} bytes)",
                self.sha256
            )));
        }
        reporter.tell(&Update {
            done: received,
            total: Some(received),
            elapsed: start.elapsed(),
            end: true,
            ..Update::new(self.name, Unit::Byte)
        });
        Ok(())
    }
}

fn agent(url: &str) -> Agent {
    let config = Agent::config_builder()
        .user_agent(concat!("burn-bayes/", env!("CARGO_PKG_VERSION")))
        .timeout_resolve(Some(Duration::from_secs(10)))
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(Duration::from_secs(30)))
        .timeout_global(Some(Duration::from_secs(300)));
    // A proxy on another machine would look for the server on that machine.
    if is_local(url) {
        config.proxy(None).build().into()
    } else {
        config.build().into()
    }
}

fn is_local(url: &str) -> bool {
    let uri = url.parse::<Uri>();
    let host = uri.as_ref().ok().and_then(Uri::host).unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn finish(part: Aside, to: &Path, sha256: &str) -> Result<()> {
    // Another process may have put a file there in the meantime.
    if to.try_exists().map_err(Error::io("read", to))? {
        return check_existing(to, sha256);
    }
    part.commit().map_err(Error::io("create", to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_on_this_machine_are_known() {
        for url in [
            "http://127.0.0.1:80/a",
            "http://localhost/a",
            "http://[::1]:1/a",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "https://example.org/a",
            "http://10.0.0.1/",
            "not an address",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
