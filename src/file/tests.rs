//! Files that are replaced, and folders that are locked.

use super::*;
use std::thread;

fn names(dir: &Path) -> Vec<OsString> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    names
}

#[test]
fn threads_that_replace_one_file_leave_one_of_their_texts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text");
    let texts: Vec<String> = (0..4).map(|i| format!("{i}").repeat(10_000)).collect();
    thread::scope(|scope| {
        for text in &texts {
            let path = &path;
            scope.spawn(move || (0..50).for_each(|_| replace(path, text).unwrap()));
        }
    });
    let left = fs::read_to_string(&path).unwrap();
    assert!(texts.contains(&left));
    assert_eq!(names(dir.path()), ["text"]);
}

#[test]
fn leftovers_of_the_dead_are_removed_and_files_of_the_living_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text");
    let of_another_file = dir.path().join(".text2.1-0.part");
    fs::write(&of_another_file, "another's").unwrap();
    fs::write(dir.path().join(".text.mine.part"), "a user's").unwrap();
    fs::write(dir.path().join(".text.1-0.part"), "killed").unwrap();
    let for_reading = dir.path().join(".text.2-0.part");
    fs::write(&for_reading, "killed, as is its target").unwrap();
    let mut permissions = fs::metadata(&for_reading).unwrap().permissions();
    permissions.set_readonly(cfg!(unix)); // elsewhere such a file cannot be removed
    fs::set_permissions(&for_reading, permissions).unwrap();

    let mut living = Aside::create(&path).unwrap();
    assert_eq!(names(dir.path()).len(), 3, "the killed ones' are gone");
    living.write_all(b"slow").unwrap();
    replace(&path, "quick").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "quick");
    living.commit().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "slow");
    let left = [".text.mine.part", ".text2.1-0.part", "text"];
    assert_eq!(names(dir.path()), left);
    remove_all_leftovers(dir.path());
    assert_eq!(names(dir.path()), [".text.mine.part", "text"]);
}

#[test]
fn an_attempt_that_fails_leaves_the_old_file_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text");
    replace(&path, "old").unwrap();
    let mut aside = Aside::create(&path).unwrap();
    aside.write_all(b"half").unwrap();
    drop(aside);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names(dir.path()), ["text"]);

    let error = replace(&dir.path().join("missing/text"), "new").unwrap_err();
    assert!(error.to_string().contains("missing/text"), "{error}");
}

#[test]
fn a_folder_has_one_lock() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("made");
    let lock = FolderLock::of(&dir).unwrap();
    let error = FolderLock::of(&dir).unwrap_err().to_string();
    assert!(error.contains("another training"), "{error}");
    drop(lock);
    FolderLock::of(&dir).unwrap();
}

/// Models and data are often links to another disk.
#[cfg(unix)]
#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let [here, disk] = ["here", "disk"].map(|name| dir.path().join(name));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&disk).unwrap();
    symlink("../disk/text", here.join("link")).unwrap();
    symlink("link", here.join("link to it")).unwrap();
    // The first time the file is not there yet.
    for text in ["new", "newer"] {
        replace(&here.join("link to it"), text).unwrap();
        assert_eq!(fs::read_to_string(disk.join("text")).unwrap(), text);
        assert_eq!(names(&disk), ["text"]);
        assert!(here.join("link").is_symlink() && here.join("link to it").is_symlink());
    }
    // A link to itself ends the search, too.
    symlink("round", here.join("round")).unwrap();
    replace(&here.join("round"), "text").unwrap();
}

#[cfg(unix)]
#[test]
fn permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text");
    for mode in [0o600, 0o664, 0o444] {
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let mut aside = Aside::create(&path).unwrap();
        let permissions = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(permissions(&aside.path), mode, "before anything is written");
        aside.write_all(b"new").unwrap();
        aside.commit().unwrap();
        assert_eq!(permissions(&path), mode);
        fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [dir.path(), &socket] {
        let error = replace(path, "text").unwrap_err().to_string();
        let name = path.to_str().unwrap();
        assert!(
            error.contains("no regular file") && error.contains(name),
            "{error}"
        );
    }
    assert_eq!(names(dir.path()), ["socket"]);
}
