//! The progress of a download, and its display.

use std::io::{self, IsTerminal, Write};

/// The progress of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The name of the file, without its folder.
    pub name: &'a str,
    /// The bytes received so far. It restarts from 0 when another address is tried.
    pub received: u64,
    /// The size of the file in bytes, if the server reports it; at the end it is `Some(received)`.
    pub total: Option<u64>,
}

/// Shows the progress of downloads on the standard error stream.
///
/// On a terminal one line is rewritten. Elsewhere, as in a log, a line is added at each tenth of
/// the file, or at each MB if the server does not report its size.
///
/// # Example
///
/// ```
/// use burn_bayes::data::{Progress, print_progress};
///
/// let mut show = print_progress();
/// show(Progress { name: "labels.gz", received: 2_000, total: Some(4_000) });
/// show(Progress { name: "labels.gz", received: 4_000, total: Some(4_000) });
/// ```
pub fn print_progress() -> impl FnMut(Progress<'_>) {
    let terminal = io::stderr().is_terminal();
    let mut printer = Printer::new(io::stderr(), terminal);
    move |progress| printer.show(progress)
}

struct Printer<W: Write> {
    out: W,
    terminal: bool,
    /// The file last shown, how much of it, and in which step.
    last: Option<(String, u64, u64)>,
    /// Whether the cursor stands at the end of an unfinished line.
    open: bool,
}

impl<W: Write> Printer<W> {
    fn new(out: W, terminal: bool) -> Self {
        Self {
            out,
            terminal,
            last: None,
            open: false,
        }
    }

    fn show(&mut self, progress: Progress<'_>) {
        let Progress {
            name,
            received,
            total,
        } = progress;
        let steps = if self.terminal { 100 } else { 10 };
        let step = match total {
            Some(total) => (received as f64 / total.max(1) as f64 * steps as f64) as u64,
            None => received * steps / 10_000_000,
        };
        let done = total == Some(received);
        if let Some((last_name, last_received, last_step)) = &self.last {
            let goes_on = last_name == name && *last_received <= received;
            if goes_on && *last_step == step && !done {
                return;
            }
            if !goes_on {
                self.end_line();
            }
        }
        self.last = Some((name.to_string(), received, step));
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let line = match total {
            Some(total) => format!(
                "{name}: {:.1} of {:.1} MB",
                megabytes(received),
                megabytes(total)
            ),
            None => format!("{name}: {:.1} MB", megabytes(received)),
        };
        // Errors are ignored: a download should not fail because its progress cannot be shown.
        if self.terminal {
            let _ = write!(self.out, "\r{line}").and_then(|()| self.out.flush());
            self.open = true;
            if done {
                self.end_line();
            }
        } else {
            let _ = writeln!(self.out, "{line}");
        }
    }

    fn end_line(&mut self) {
        if self.open {
            let _ = writeln!(self.out);
            self.open = false;
        }
    }
}

impl<W: Write> Drop for Printer<W> {
    fn drop(&mut self) {
        self.end_line();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(terminal: bool, calls: &[(u64, Option<u64>)]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, terminal);
        for (received, total) in calls {
            printer.show(Progress {
                name: "file",
                received: *received,
                total: *total,
            });
        }
        drop(printer);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_log_gets_a_line_at_most_every_tenth() {
        let calls: Vec<_> = (0..=1000).map(|k| (k * 1000, Some(1_000_000))).collect();
        let text = printed(false, &calls);
        assert_eq!(text.lines().count(), 11);
        assert!(text.ends_with("file: 1.0 of 1.0 MB\n"));
        assert!(!text.contains('\r'));
    }

    #[test]
    fn a_terminal_gets_one_line_that_is_always_ended() {
        let text = printed(
            true,
            &[(500_000, Some(1_000_000)), (1_000_000, Some(1_000_000))],
        );
        assert_eq!(text, "\rfile: 0.5 of 1.0 MB\rfile: 1.0 of 1.0 MB\n");
        let stopped = printed(true, &[(500_000, None)]);
        assert_eq!(stopped, "\rfile: 0.5 MB\n");
        let started_again = printed(true, &[(900_000, None), (300_000, None)]);
        assert_eq!(started_again, "\rfile: 0.9 MB\n\rfile: 0.3 MB\n");
    }
}
