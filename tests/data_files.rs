//! Data files as they come from outside: sound, malformed, and from a server that misbehaves.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use burn_bayes::data::{Images, parse_images, parse_labels, read_images, read_labels};
use burn_bayes::data::{Labelled, Mnist};
use burn_bayes::data::{Progress, download};
use burn_bayes::error::Error;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

fn idx(magic: [u8; 4], dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    for dimension in dimensions {
        bytes.extend(dimension.to_be_bytes());
    }
    bytes.extend(elements);
    bytes
}

fn images(dimensions: [u32; 3], pixels: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 3], &dimensions, pixels)
}

fn labels(count: u32, labels: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[count], labels)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Twelve pixels: two images of 2x3.
fn sound() -> Vec<u8> {
    images([2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
}

fn assert_says<T: std::fmt::Debug>(result: Result<T, Error>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "no \"{part}\" in: {message}");
    }
}

mod format {
    use super::*;

    #[test]
    fn plain_and_compressed_files_give_the_same() {
        let folder = TempDir::new().unwrap();
        let two_members = [gzip(&sound()[..9]), gzip(&sound()[9..])].concat();
        for (name, bytes) in [
            ("plain", sound()),
            ("compressed", gzip(&sound())),
            ("two members", two_members),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let images = read_images(&path).unwrap();
            assert_eq!((images.num_rows, images.num_columns), (2, 3), "{name}");
            assert_eq!((images.len(), images.num_pixels()), (2, 6), "{name}");
            assert_eq!(images.image(0), &[1, 2, 3, 4, 5, 6], "{name}");
            assert_eq!(images.image(1), &[7, 8, 9, 10, 11, 12], "{name}");
            assert_eq!(images.pixels().len(), 12, "{name}");
            assert!(!images.is_empty(), "{name}");
        }
        let path = folder.path().join("labels");
        fs::write(&path, gzip(&labels(3, &[9, 0, 4]))).unwrap();
        assert_eq!(read_labels(&path).unwrap(), [9, 0, 4]);
    }

    #[test]
    #[should_panic(expected = "image 2 does not exist: there are 2")]
    fn an_image_beyond_the_last_panics() {
        parse_images(&sound()[..], "x").unwrap().image(2);
    }

    #[test]
    fn debug_output_is_short() {
        let images = Images::new(100, 100, vec![0; 100_000], "x").unwrap();
        let labelled = Labelled::new(images, vec![0; 10], "x").unwrap();
        assert!(format!("{labelled:?}").len() < 200);
    }

    #[test]
    fn a_missing_file_and_a_folder_are_input_errors() {
        let folder = TempDir::new().unwrap();
        let missing = folder.path().join("nothing.gz");
        let result = read_images(&missing);
        assert!(matches!(&result, Err(Error::Io { path, source, .. })
            if *path == missing && source.kind() == std::io::ErrorKind::NotFound));
        assert_says(result, &["cannot read", "nothing.gz"]);
        assert!(matches!(read_labels(folder.path()), Err(Error::Io { .. })));
    }

    #[test]
    fn the_file_is_named() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("short.gz");
        fs::write(&path, &sound()[..20]).unwrap();
        assert_says(read_images(&path), &[&path.display().to_string()]);
    }

    #[test]
    fn short_files() {
        let cure = "copy or download it again";
        let cases: [(&[u8], &str); 4] = [
            (&[], "header of 16 bytes, found 0 bytes"),
            (&[0], "header of 16 bytes, found 1 byte in all"),
            (&sound()[..15], "header of 16 bytes, found 15 bytes"),
            (
                &sound()[..27],
                "2 images of 2x3 (12 bytes), but the file holds 11 bytes",
            ),
        ];
        for (bytes, problem) in cases {
            assert_says(parse_images(bytes, "x"), &["x: ", problem, cure]);
        }
        let short = labels(3, &[1, 2]);
        assert_says(
            parse_labels(&short[..], "x"),
            &["3 labels (3 bytes), but the file holds 2 bytes", cure],
        );
    }

    #[test]
    fn long_files() {
        for bytes in [
            [sound(), vec![0]].concat(),
            gzip(&[sound(), vec![0]].concat()),
            [gzip(&sound()), gzip(&[0])].concat(),
        ] {
            assert_says(parse_images(&bytes[..], "x"), &["more bytes come after"]);
        }
        let long = labels(1, &[1, 2]);
        assert_says(parse_labels(&long[..], "x"), &["more bytes come after"]);
    }

    #[test]
    fn wrong_magic_numbers() {
        let given_labels = labels(3, &[1, 2, 3]);
        assert_says(
            parse_images(&given_labels[..], "x"),
            &[
                "expected the magic number 0x00000803 (an images file)",
                "found 0x00000801 (a labels file)",
                "train-images-idx3-ubyte.gz",
            ],
        );
        assert_says(
            parse_labels(&sound()[..], "x"),
            &["found 0x00000803 (an images file)", "train-labels-idx1"],
        );
        let floats = idx([0, 0, 13, 3], &[1, 1, 1], &[0; 4]);
        assert_says(
            parse_images(&floats[..], "x"),
            &["IDX file of another kind"],
        );
        assert_says(
            parse_images(&b"<!DOCTYPE html>"[..], "x"),
            &["(no IDX file)"],
        );
    }

    #[test]
    fn zero_dimensions() {
        for dimensions in [[0, 28, 28], [1, 0, 28], [1, 28, 0], [u32::MAX, u32::MAX, 0]] {
            let bytes = images(dimensions, &[]);
            assert_says(parse_images(&bytes[..], "x"), &["no dimension to be zero"]);
        }
        assert_says(parse_labels(&labels(0, &[])[..], "x"), &["0 labels"]);
    }

    #[test]
    fn headers_that_promise_too_much_are_refused_at_once() {
        let start = Instant::now();
        for dimensions in [
            [u32::MAX; 3],
            [1_000_000_000, 1_000, 1],
            [(1 << 31) + 1, 2, 2],
        ] {
            let bytes = images(dimensions, &[0; 100]);
            let limit = "expected at most 8589934592 bytes";
            assert_says(parse_images(&bytes[..], "x"), &[limit]);
        }
        // Within the limit, but not there: 8 GiB must not be reserved to find that out.
        let bytes = images([1 << 31, 2, 2], &[0; 100]);
        assert_says(parse_images(&bytes[..], "x"), &["holds 100 bytes"]);
        let bytes = labels(u32::MAX, &[0; 100]);
        assert_says(parse_labels(&bytes[..], "x"), &["holds 100 bytes"]);
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn corrupt_gzip() {
        let whole = gzip(&sound());
        let mut wrong_checksum = whole.clone();
        let checksum = whole.len() - 8;
        wrong_checksum[checksum] ^= 1;
        let garbage_after = [whole.clone(), b"garbage".to_vec()].concat();
        let cut = whole[..whole.len() - 5].to_vec();
        for bytes in [wrong_checksum, garbage_after, cut, vec![0x1f, 0x8b]] {
            let parts = ["expected sound gzip data", "move it away"];
            assert_says(parse_images(&bytes[..], "x"), &parts);
        }
    }

    #[test]
    fn pixels_that_are_no_whole_images() {
        assert_says(Images::new(2, 2, vec![0; 5], "x"), &["2x2", "5 pixels"]);
        assert!(Images::new(0, 2, vec![], "x").is_err());
        assert!(Images::new(usize::MAX, 2, vec![], "x").is_err());
        assert!(Images::new(2, 2, vec![], "x").unwrap().is_empty());
    }

    fn config() -> ProptestConfig {
        ProptestConfig {
            cases: 500,
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    /// Sizes that agree: with each other, and with the plain file they come from.
    fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
        if let Ok(images) = parse_images(bytes, "x") {
            let size = images.len() * images.num_rows * images.num_columns;
            prop_assert_eq!(images.pixels().len(), size);
            if !bytes.starts_with(&[0x1f, 0x8b]) {
                prop_assert_eq!(bytes.len(), 16 + size);
                prop_assert_eq!(images.pixels(), &bytes[16..]);
            }
        }
        if let Ok(labels) = parse_labels(bytes, "x")
            && !bytes.starts_with(&[0x1f, 0x8b])
        {
            prop_assert_eq!(&labels, &bytes[8..]);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn arbitrary_bytes(bytes: Vec<u8>) {
            check(&bytes)?;
            check(&[&[0x1f, 0x8b, 8], &bytes[..]].concat())?;
        }

        #[test]
        fn arbitrary_headers(
            dimensions: [u32; 3],
            small in any::<[u8; 3]>(),
            elements: Vec<u8>,
        ) {
            check(&images(dimensions, &elements))?;
            check(&images(small.map(|dimension| u32::from(dimension % 5)), &elements))?;
            check(&labels(dimensions[0], &elements))?;
            let exact = labels(elements.len() as u32, &elements);
            prop_assert_eq!(parse_labels(&exact[..], "x").is_ok(), !elements.is_empty());
        }

        #[test]
        fn sound_files_give_back_their_pixels(
            rows in 1u32..5,
            columns in 1u32..5,
            count in 1u32..5,
            ink: u8,
        ) {
            let pixels: Vec<u8> =
                (0..rows * columns * count).map(|k| (k as u8).wrapping_mul(ink)).collect();
            let bytes = images([count, rows, columns], &pixels);
            let plain = parse_images(&bytes[..], "x").unwrap();
            prop_assert_eq!(plain.pixels(), &pixels);
            prop_assert_eq!(parse_images(&gzip(&bytes)[..], "x").unwrap(), plain);
        }

        #[test]
        fn mutated_files(
            compressed: bool,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in prop::option::of(any::<prop::sample::Index>()),
            added in prop::collection::vec(any::<u8>(), 0..3),
        ) {
            let original = if compressed { gzip(&sound()) } else { sound() };
            let mut bytes = original;
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes.extend(added);
            check(&bytes)?;
            // The checksum leaves only changes outside the contents, such as the time stamp.
            if bytes.starts_with(&[0x1f, 0x8b]) && let Ok(images) = parse_images(&bytes[..], "x") {
                prop_assert_eq!(images, parse_images(&sound()[..], "x").unwrap());
            }
        }
    }
}

/// The folder of the real files; `None` in the published package, which leaves them out.
fn real_files() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("Cargo.toml.orig").exists() {
        eprintln!("skipped: the published package has no data/mnist");
        return None;
    }
    Some(root.join("data/mnist"))
}

const NAMES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

mod mnist {
    use super::*;

    fn counts(labels: &[u8]) -> [usize; 10] {
        let mut counts = [0; 10];
        for label in labels {
            counts[usize::from(*label)] += 1;
        }
        counts
    }

    #[test]
    fn the_real_files() {
        let Some(dir) = real_files() else { return };
        Mnist::verify(&dir).unwrap();
        let Mnist { train, test } = Mnist::from_dir(&dir).unwrap();
        assert_eq!((train.len(), test.len()), (60_000, 10_000));
        assert_eq!((train.images.len(), test.images.len()), (60_000, 10_000));
        assert_eq!((test.images.num_rows, test.images.num_columns), (28, 28));
        assert_eq!(
            counts(&train.labels),
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        );
        assert_eq!(
            counts(&test.labels),
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        );
        // The first training image is a five: ink in the middle, none in the corners.
        assert_eq!(train.labels[0], 5);
        assert_eq!(train.images.image(0)[0], 0);
        assert!(train.images.image(0)[14 * 28 + 14] > 100);
    }

    /// A folder with two blank training images and one blank test image.
    fn small_set(forms: [&str; 4]) -> TempDir {
        let folder = TempDir::new().unwrap();
        let contents = [
            images([2, 28, 28], &[0; 2 * 784]),
            labels(2, &[9, 0]),
            images([1, 28, 28], &[0; 784]),
            labels(1, &[7]),
        ];
        for (form, contents) in forms.iter().zip(contents) {
            let contents = if form.ends_with(".gz") {
                gzip(&contents)
            } else {
                contents
            };
            fs::write(folder.path().join(form), contents).unwrap();
        }
        folder
    }

    #[test]
    fn all_usual_names_are_found() {
        for forms in [
            NAMES,
            NAMES.map(|name| format!("{name}.gz").leak() as &str),
            NAMES.map(|name| name.replace("-idx", ".idx").leak() as &str),
            NAMES.map(|name| format!("{}.gz", name.replace("-idx", ".idx")).leak() as &str),
        ] {
            let folder = small_set(forms);
            let mnist = Mnist::from_dir(folder.path()).unwrap();
            assert_eq!(mnist.train.labels, [9, 0]);
            assert_eq!(mnist.test.labels, [7]);
            assert!(!mnist.test.is_empty());
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = small_set(NAMES);
        fs::remove_file(folder.path().join(NAMES[3])).unwrap();
        assert_says(
            Mnist::from_dir(folder.path().join("nowhere")),
            &["nowhere", NAMES[0]],
        );
        assert_says(
            Mnist::from_dir(folder.path()),
            &[
                "t10k-labels-idx1-ubyte.gz",
                "t10k-labels.idx1-ubyte",
                "Mnist::download",
            ],
        );
    }

    #[test]
    fn files_that_do_not_fit() {
        for (index, contents, parts) in [
            (
                1,
                labels(3, &[1, 2, 3]),
                &["2 images and 3 labels", NAMES[0], NAMES[1]][..],
            ),
            (1, labels(2, &[0, 10]), &[NAMES[1], "found 10 at index 1"]),
            (
                2,
                images([1, 2, 3], &[0; 6]),
                &[NAMES[2], "expected images of 28x28, found 2x3"],
            ),
            (2, labels(1, &[7]), &[NAMES[2], "(a labels file)"]),
        ] {
            let folder = small_set(NAMES);
            fs::write(folder.path().join(NAMES[index]), contents).unwrap();
            assert_says(Mnist::from_dir(folder.path()), parts);
        }
    }

    #[test]
    fn other_data_is_read_but_not_verified() {
        let folder = small_set(NAMES);
        assert_says(
            Mnist::verify(folder.path()),
            &[
                NAMES[0],
                "ba891046e6505d7a",
                "not the original MNIST",
                "move the file away",
            ],
        );
    }

    #[test]
    fn verify_names_the_file_that_differs() {
        let Some(dir) = real_files() else { return };
        let folder = TempDir::new().unwrap();
        for name in NAMES {
            let name = format!("{name}.gz");
            fs::copy(dir.join(&name), folder.path().join(&name)).unwrap();
        }
        let differing = folder.path().join("t10k-labels-idx1-ubyte.gz");
        fs::remove_file(&differing).unwrap();
        fs::write(&differing, gzip(&labels(1, &[7]))).unwrap();
        assert_says(Mnist::verify(folder.path()), &["t10k-labels-idx1-ubyte.gz"]);
    }
}

mod net {
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
        download(&urls, &sha256(&body()), 1 << 20, &to, &mut |_| {})
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
            let mut last = 0;
            let mut end = None;
            let mut progress = |progress: Progress<'_>| {
                assert_eq!(progress.name, path);
                assert!(progress.received >= last);
                last = progress.received;
                end = progress.total;
            };
            let url = format!("{address}/{path}");
            let sha256 = sha256(&body()).to_uppercase();
            download(&[&url], &sha256, 300_000, &to, &mut progress).unwrap();
            assert_eq!((last, end), (300_000, Some(300_000)));
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
            let mut progress = |_: Progress<'_>| panic!("on purpose");
            download(&[&url], &sha256(&body()), 1 << 20, &to, &mut progress)
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
            let result = download(urls, sha256, 1, to, &mut |_| {});
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
        let result = download(&[&nobody()], &sha256(b""), 1, &to, &mut |_| {});
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
        let mut fetched = Vec::new();
        let mut progress = |progress: Progress<'_>| {
            if progress.total == Some(progress.received) {
                fetched.push(progress.name.to_string());
            }
        };
        let mnist = Mnist::download_from(&mirrors, folder.path(), &mut progress).unwrap();
        assert_eq!(mnist.train.len(), 60_000);
        assert_eq!(
            fetched,
            [0, 1, 2].map(|index| format!("{}.gz", NAMES[index]))
        );
        assert_eq!(entries(folder.path()).len(), 4);

        // Now that all is there, no address is needed, here or at the real mirrors.
        Mnist::download_from(&[], folder.path(), &mut |_| {}).unwrap();
        assert_eq!(Mnist::download(folder.path()).unwrap(), mnist);
    }

    #[test]
    fn mnist_keeps_a_file_that_differs_and_fetches_nothing() {
        let folder = TempDir::new().unwrap();
        let differing = folder.path().join("t10k-labels-idx1-ubyte.gz");
        for contents in [gzip(&labels(1, &[7])), vec![0x1f, 0x8b, 8]] {
            fs::write(&differing, &contents).unwrap();
            let result = Mnist::download_from(&[&nobody()], folder.path(), &mut |_| {});
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
            Mnist::download_from(&[&mirror], folder.path(), &mut |_| {}),
            &[
                &format!("{mirror}/train-images-idx3-ubyte.gz"),
                "by hand",
                &folder.path().display().to_string(),
                "Mnist::from_dir",
            ],
        );
        assert!(entries(folder.path()).is_empty());
    }
}
