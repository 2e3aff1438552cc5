//! Telling updates, not too often.

use super::{Callback, Progress, Update};
use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Tells updates by the means that the caller chose.
pub(crate) struct Reporter {
    to: To,
    last: Instant,
    /// Whether the cursor stands at the end of an unfinished line.
    open: bool,
    /// Whether a task of a moment, of which nothing else was shown, needs no line at its end.
    leaves_out_moments: bool,
    /// Whether something of the running task was told.
    told: bool,
}

enum To {
    Lines(Box<dyn Write + Send + Sync>),
    /// One line, written anew.
    Terminal(Box<dyn Write + Send + Sync>),
    Call(Callback),
    Nobody,
}

impl Reporter {
    pub fn new(progress: &Progress) -> Self {
        let stderr = Box::new(io::stderr());
        Self::to(match progress {
            Progress::Auto if stderr.is_terminal() => To::Terminal(stderr),
            Progress::Auto | Progress::Lines => To::Lines(stderr),
            Progress::Call(callback) => To::Call(callback.clone()),
            Progress::Silent => To::Nobody,
        })
    }

    fn to(to: To) -> Self {
        Self {
            to,
            last: Instant::now(),
            open: false,
            leaves_out_moments: false,
            told: false,
        }
    }

    /// Shows no end of a task that was too short for anything else. A function is told all the
    /// same.
    pub fn leaving_out_moments(mut self) -> Self {
        self.leaves_out_moments = !matches!(self.to, To::Call(_));
        self
    }

    /// Tells an update, unless it is no end and too soon after the last. Says whether it was told.
    pub fn tell(&mut self, update: &Update<'_>) -> bool {
        let pause = match self.to {
            To::Lines(_) => Duration::from_secs(10),
            To::Terminal(_) => Duration::from_millis(200),
            To::Call(_) => Duration::ZERO,
            To::Nobody => return false,
        };
        if self.last.elapsed() < pause && !update.end {
            return false;
        }
        let told = std::mem::replace(&mut self.told, !update.end);
        if update.end && self.leaves_out_moments && !told {
            return false;
        }
        self.last = Instant::now();
        // What cannot be shown is no reason to stop.
        let _ = match &mut self.to {
            To::Lines(out) => writeln!(out, "{update}"),
            To::Terminal(out) => {
                self.open = !update.end;
                let after = if self.open { "" } else { "\n" };
                write!(out, "\r{update}\x1b[K{after}").and_then(|()| out.flush())
            }
            To::Call(Callback(call)) => {
                call(update);
                Ok(())
            }
            To::Nobody => Ok(()),
        };
        true
    }

    /// Writes a line that is no update.
    #[cfg(feature = "train")]
    pub fn note(&mut self, text: &str) {
        self.end_line();
        if let To::Lines(out) | To::Terminal(out) = &mut self.to {
            let _ = writeln!(out, "{text}");
        }
    }

    fn end_line(&mut self) {
        if let To::Terminal(out) = &mut self.to
            && std::mem::take(&mut self.open)
        {
            // A finished thing needs no line.
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.end_line();
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Unit, *};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Out(Arc<Mutex<Vec<u8>>>);

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Out {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn update(done: u64, end: bool) -> Update<'static> {
        Update {
            done,
            total: Some(1_000_000),
            end,
            ..Update::new("file", Unit::Byte)
        }
    }

    #[test]
    fn a_log_gets_a_line_in_ten_seconds_and_each_end() {
        let out = Out::default();
        let mut reporter = Reporter::to(To::Lines(Box::new(out.clone())));
        assert!(!reporter.tell(&update(1, false)));
        reporter.last -= Duration::from_secs(10);
        assert!(reporter.tell(&update(500_000, false)));
        assert!(!reporter.tell(&update(600_000, false)));
        assert!(reporter.tell(&update(1_000_000, true)));
        drop(reporter);
        assert_eq!(out.text(), "file  0.5/1.0 MB\nfile  done in 0 s\n");
    }

    #[test]
    fn a_terminal_gets_one_line_that_is_always_ended() {
        let out = Out::default();
        let mut reporter = Reporter::to(To::Terminal(Box::new(out.clone())));
        reporter.last -= Duration::from_secs(1);
        reporter.tell(&update(500_000, false));
        reporter.tell(&update(1_000_000, true));
        reporter.last -= Duration::from_secs(1);
        reporter.tell(&update(700_000, false));
        drop(reporter);
        assert_eq!(
            out.text(),
            "\rfile  0.5/1.0 MB\x1b[K\
             \rfile  done in 0 s\x1b[K\n\
             \rfile  0.7/1.0 MB\x1b[K\
             \r\x1b[K"
        );
    }

    #[test]
    fn moments_are_left_out_if_wanted() {
        let out = Out::default();
        let to = To::Lines(Box::new(out.clone()));
        let mut reporter = Reporter::to(to).leaving_out_moments();
        assert!(!reporter.tell(&update(1, false)));
        assert!(!reporter.tell(&update(1_000_000, true)));
        assert_eq!(out.text(), "");
        reporter.last -= Duration::from_secs(10);
        assert!(reporter.tell(&update(500_000, false)));
        assert!(reporter.tell(&update(1_000_000, true)));
        assert!(!reporter.tell(&update(1_000_000, true)));
        assert_eq!(out.text(), "file  0.5/1.0 MB\nfile  done in 0 s\n");
    }

    #[test]
    fn a_function_gets_everything() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let copy = told.clone();
        let progress = Progress::call(move |update| copy.lock().unwrap().push(update.to_string()));
        let mut reporter = Reporter::new(&progress);
        for done in [0, 300_000, 1_000_000] {
            assert!(reporter.tell(&update(done, false)));
        }
        let lines = ["file  0.0/1.0 MB", "file  0.3/1.0 MB", "file  1.0/1.0 MB"];
        assert_eq!(*told.lock().unwrap(), lines);
        assert!(!Reporter::new(&Progress::Silent).tell(&update(1, true)));
    }
}
