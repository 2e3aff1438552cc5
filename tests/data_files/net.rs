//! Downloads.

use super::*;

enum Reply {
    Whole(Vec<u8>),
    /// Announces more than is sent.
    Truncated(Vec<u8>),
    /// Announces nothing.
    Unannounced(Vec<u8>),
}

fn answer(mut stream: TcpStream, replies: &HashMap<String, Reply>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? > 0 {
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (length, body) = match replies.get(path) {
        Some(Reply::Whole(body)) => (Some(body.len()), &body[..]),
        Some(Reply::Truncated(body)) => (Some(body.len() + 1000), &body[..]),
        Some(Reply::Unannounced(body)) => (None, &body[..]),
        None => {
            let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n";
            return write!(stream, "{head}Connection: close\r\n\r\n");
        }
    };
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n")?;
    if let Some(length) = length {
        write!(stream, "Content-Length: {length}\r\n")?;
    }
    write!(stream, "\r\n")?;
    stream.write_all(body)
}

/// Serves the replies on a free port until the test ends, and gives the address.
fn serve(replies: impl IntoIterator<Item = (&'static str, Reply)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let replies: HashMap<String, Reply> = replies
        .into_iter()
        .map(|(path, reply)| (path.to_string(), reply))
        .collect();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that hangs up early is part of the tests.
            let _ = answer(stream, &replies);
        }
    });
    format!("http://{address}")
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn body() -> Vec<u8> {
    (0..300_000u32)
        .map(|k| (k.wrapping_mul(k) >> 7) as u8)
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn entries(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Downloads [`body`] to `file` in `folder`.
fn fetch(urls: &[String], folder: &Path) -> Result<(), Error> {
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let to = folder.join("file");
    download(&urls, &sha256(&body()), 1 << 20, &to, &Progress::Silent)
}

#[test]
fn a_good_file_arrives_and_progress_ends_at_its_size() {
    let address = serve([
        ("/known", Reply::Whole(body())),
        ("/unknown", Reply::Unannounced(body())),
    ]);
    let folder = TempDir::new().unwrap();
    for path in ["known", "unknown"] {
        let to = folder.path().join("new folder").join(path);
        let told = Arc::new(Mutex::new(vec![(0, None, false)]));
        let copy = told.clone();
        let progress = Progress::call(move |update| {
            assert_eq!((update.task, update.unit), (path, Unit::Byte));
            let mut told = copy.lock().unwrap();
            assert!(update.done >= told.last().unwrap().0);
            told.push((update.done, update.total, update.end));
        });
        let url = format!("{address}/{path}");
        let sha256 = sha256(&body()).to_uppercase();
        download(&[&url], &sha256, 300_000, &to, &progress).unwrap();
        let last = (300_000, Some(300_000), true);
        assert_eq!(told.lock().unwrap().last(), Some(&last));
        assert_eq!(fs::read(&to).unwrap(), body());
    }
    assert_eq!(entries(&folder.path().join("new folder")).len(), 2);
}

#[test]
fn the_next_address_is_tried() {
    let address = serve([
        ("/wrong", Reply::Whole(b"an error page".to_vec())),
        ("/truncated", Reply::Truncated(body())),
        ("/good", Reply::Whole(body())),
    ]);
    let folder = TempDir::new().unwrap();
    let mut urls: Vec<String> = ["missing", "wrong", "truncated", "good"]
        .map(|path| format!("{address}/{path}"))
        .into();
    urls.insert(0, nobody());
    fetch(&urls, folder.path()).unwrap();
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), body());
    assert_eq!(entries(folder.path()), ["file"]);
}

#[test]
fn failures_are_told_and_leave_nothing_behind() {
    let half = || body()[..150_000].to_vec();
    let address = serve([
        ("/wrong", Reply::Whole(b"an error page".to_vec())),
        ("/truncated", Reply::Truncated(half())),
        ("/half", Reply::Unannounced(half())),
        ("/large", Reply::Whole(vec![0; 2 << 20])),
        ("/endless", Reply::Unannounced(vec![0; 2 << 20])),
    ]);
    for (url, problem) in [
        (format!("{address}/wrong"), "(13 bytes)"),
        (format!("{address}/truncated"), "stopped after 150000 bytes"),
        (format!("{address}/half"), "(150000 bytes)"),
        (format!("{address}/large"), "at most 1048576 bytes"),
        (format!("{address}/endless"), "at most 1048576 bytes"),
        (format!("{address}/missing"), "404"),
        (nobody(), "refused"),
        ("not an address".into(), "not an address"),
    ] {
        let folder = TempDir::new().unwrap();
        let result = fetch(std::slice::from_ref(&url), folder.path());
        assert!(matches!(result, Err(Error::Download { .. })), "{result:?}");
        let to = folder.path().join("file").display().to_string();
        assert_says(
            result,
            &["cannot download file", &url, problem, "by hand", &to],
        );
        assert!(entries(folder.path()).is_empty(), "{url}");
    }
}

#[test]
fn every_address_is_in_the_message() {
    let urls = [serve([]), nobody()];
    let folder = TempDir::new().unwrap();
    let parts = [&urls[0][..], "404", &urls[1], "refused"];
    assert_says(fetch(&urls, folder.path()), &parts);
}

#[test]
fn a_panicking_display_leaves_nothing_behind() {
    let address = serve([("/good", Reply::Whole(body()))]);
    let folder = TempDir::new().unwrap();
    let to = folder.path().join("file");
    let url = format!("{address}/good");
    let result = std::panic::catch_unwind(|| {
        let progress = Progress::call(|_| panic!("on purpose"));
        download(&[&url], &sha256(&body()), 1 << 20, &to, &progress)
    });
    assert!(result.is_err());
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn an_existing_file_is_kept() {
    let address = serve([("/good", Reply::Whole(body()))]);
    let folder = TempDir::new().unwrap();
    let to = folder.path().join("file");
    fs::write(&to, "mine").unwrap();
    let parts = [&to.display().to_string(), "not overwritten", "move it away"];
    assert_says(fetch(&[format!("{address}/good")], folder.path()), &parts);
    assert_eq!(fs::read(&to).unwrap(), b"mine");
    assert_eq!(entries(folder.path()), ["file"]);

    // With the right contents nothing is fetched.
    fs::write(&to, body()).unwrap();
    fetch(&[nobody()], folder.path()).unwrap();
}

#[test]
fn settings_that_cannot_work() {
    let to = Path::new("somewhere/file");
    let sha256 = sha256(b"");
    for (urls, sha256, to, name) in [
        (&[][..], &sha256[..], to, "`urls`"),
        (&["http://127.0.0.1"], "abc", to, "`sha256`"),
        (&["http://127.0.0.1"], &sha256, Path::new("/"), "`to`"),
    ] {
        let result = download(urls, sha256, 1, to, &Progress::Silent);
        assert!(matches!(result, Err(Error::Setting { .. })));
        assert_says(result, &[name]);
    }
}

#[test]
fn a_folder_that_cannot_be_made() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let to = file.join("below a file");
    let result = download(&[&nobody()], &sha256(b""), 1, &to, &Progress::Silent);
    assert!(matches!(result, Err(Error::Io { .. })), "{result:?}");
}

/// Runs itself again with a limit on the size of files, which fails like a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    const LIMITED: &str = "BURN_BAYES_TEST_SMALL_FILES";
    if std::env::var_os(LIMITED).is_none() {
        let limit = "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact \"$1\"";
        let output = std::process::Command::new("sh")
            .args(["-c", limit])
            .arg(std::env::current_exe().unwrap())
            .arg("net::a_full_disk_leaves_nothing_behind")
            .env(LIMITED, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
        return;
    }
    let address = serve([("/good", Reply::Whole(body()))]);
    let urls = [format!("{address}/good"), format!("{address}/good")];
    let folder = TempDir::new().unwrap();
    let result = fetch(&urls, folder.path());
    let is_write = matches!(
        &result,
        Err(Error::Io {
            action: "write",
            ..
        })
    );
    assert!(is_write, "{result:?}");
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn mnist_is_completed_from_the_second_mirror() {
    let Some(dir) = real_files() else { return };
    let paths = NAMES.map(|name| format!("/mnist/{name}.gz").leak() as &'static str);
    let address = serve(paths.map(|path| {
        let file = path.rsplit('/').next().unwrap();
        (path, Reply::Whole(fs::read(dir.join(file)).unwrap()))
    }));
    let folder = TempDir::new().unwrap();
    // One file is there already, unpacked.
    let unpacked = labels(
        10_000,
        &read_labels(dir.join("t10k-labels-idx1-ubyte.gz")).unwrap(),
    );
    fs::write(folder.path().join(NAMES[3]), unpacked).unwrap();
    let (dead, alive) = (nobody(), format!("{address}/mnist/"));
    let mirrors = [&dead[..], &alive];
    let fetched = Arc::new(Mutex::new(Vec::new()));
    let copy = fetched.clone();
    let progress = Progress::call(move |update| {
        if update.end {
            copy.lock().unwrap().push(update.task.to_string());
        }
    });
    let mnist = Mnist::download_from(&mirrors, folder.path(), &progress).unwrap();
    assert_eq!(mnist.train.len(), 60_000);
    assert_eq!(
        *fetched.lock().unwrap(),
        [0, 1, 2].map(|index| format!("{}.gz", NAMES[index]))
    );
    assert_eq!(entries(folder.path()).len(), 4);

    // Now that all is there, no address is needed, here or at the real mirrors.
    Mnist::download_from(&[], folder.path(), &Progress::Silent).unwrap();
    assert_eq!(Mnist::download(folder.path()).unwrap(), mnist);
}

#[test]
fn mnist_keeps_a_file_that_differs_and_fetches_nothing() {
    let folder = TempDir::new().unwrap();
    let differing = folder.path().join("t10k-labels-idx1-ubyte.gz");
    for contents in [gzip(&labels(1, &[7])), vec![0x1f, 0x8b, 8]] {
        fs::write(&differing, &contents).unwrap();
        let result = Mnist::download_from(&[&nobody()], folder.path(), &Progress::Silent);
        assert!(matches!(result, Err(Error::Data { .. })));
        assert_says(result, &[&differing.display().to_string(), "move", "away"]);
        assert_eq!(fs::read(&differing).unwrap(), contents);
        assert_eq!(entries(folder.path()).len(), 1);
    }
}

#[test]
fn mnist_without_a_network_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let mirror = nobody();
    assert_says(
        Mnist::download_from(&[&mirror], folder.path(), &Progress::Silent),
        &[
            &format!("{mirror}/train-images-idx3-ubyte.gz"),
            "by hand",
            &folder.path().display().to_string(),
            "Mnist::from_dir",
        ],
    );
    assert!(entries(folder.path()).is_empty());
}
