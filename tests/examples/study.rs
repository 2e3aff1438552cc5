//! A study: its runs, its results and its tables.

use super::{data, fail, succeed};
use std::fs;

/// A study goes on where it was, and its tables are made from its results alone.
#[test]
fn a_study_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let train = ["train", "uncertain", "--only", "iwaeu-centred0.05-1000"];
    let train = [&train[..], &["--quick", "--data-dir", &data]].concat();
    let text = fail("study", &train, folder.path());
    assert!(text.contains("`iwae-1000` has left no model"), "{text}");
    assert!(
        text.contains("without a result: iwaeu-centred0.05-1000-seed1"),
        "{text}"
    );
    let real = ["train", "burda", "--data-dir", &data];
    let text = fail("study", &real, folder.path());
    assert!(text.contains("holds data"), "{text}");
    let misspelt = ["list", "uncertain", "--only", "iwae_1000"];
    let text = fail("study", &misspelt, folder.path());
    assert!(text.contains("`iwae_1000`, which is no run"), "{text}");
    let first = [
        "train",
        "uncertain",
        "--only",
        "iwae-1000,iwaeu-1000,iwae-more-1000",
        "--seeds",
        "1,2",
    ];
    let first = [&first[..], &["--quick", "--data-dir", &data]].concat();
    let text = succeed("study", &first, folder.path());
    assert!(text.contains("all 6 runs are done"), "{text}");
    let text = succeed("study", &first, folder.path());
    assert!(!text.contains("nats"), "made again:\n{text}");

    let deep = ["train", "deep", "--only", "upwards-2,ladder-2-warm_up"];
    let deep = [&deep[..], &["--quick", "--data-dir", &data]].concat();
    let text = succeed("study", &deep, folder.path());
    assert!(text.contains("ladder of 64,32 latents"), "{text}");

    // Units are left out of a model that a run has left, and of no other.
    let two_layers = ["--only", "vae-2-k5", "--quick", "--data-dir", &data];
    let units = [&["units", "burda"][..], &two_layers].concat();
    let text = fail("study", &units, folder.path());
    assert!(text.contains("`vae-2-k5` has left no model"), "{text}");
    let train = [&["train", "burda"][..], &two_layers].concat();
    succeed("study", &train, folder.path());
    succeed("study", &units, folder.path());

    let scale = ["train", "scale", "--only", "iwae,iwaeu-decoder"];
    succeed(
        "study",
        &[&scale[..], &["--quick", "--data-dir", &data]].concat(),
        folder.path(),
    );
    let check = ["train", "check", "--quick", "--data-dir", &data];
    succeed("study", &check, folder.path());
    let other = folder
        .path()
        .join("runs/study/quick/results/check/pytorch.json");
    let run = r#"{ "evidence_lower_bound": -1.5, "active_units": 3,
        "curve_of_bound_and_kl": [[-2, 1]] }"#;
    let other_program = format!(r#"{{ "program": "another", "runs": [{run}, {run}] }}"#);
    fs::write(&other, &other_program).unwrap();

    let page = folder.path().join("page.md");
    let place = |name: &str| format!("<!-- study: {name} -->\n<!-- end -->\n");
    let names = [
        "times",
        "burda",
        "burda-replications",
        "burda-earlier",
        "burda-samples",
        "burda-units",
        "burda-stages",
        "burda-uncertain",
        "omniglot",
        "second-layer",
        "talk",
        "talk-reports",
        "talk-omniglot",
        "size",
        "samples",
        "variations",
        "steps",
        "scale",
        "check",
    ];
    let places: String = names.iter().map(|name| place(name)).collect();
    fs::write(&page, format!("before\n{places}after\n")).unwrap();
    let results = [
        "--results",
        "runs/study/quick/results",
        "tables",
        "--quick",
        "--page",
        "page.md",
    ];
    let tables = [&results[..], &["--figures", "."]].concat();
    let text = fail(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    assert!(text.contains("has no place for the table deep"), "{text}");
    let whole = format!("before\n{places}{}after\n", place("deep"));
    fs::write(&page, whole).unwrap();
    let text = fail(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    assert!(text.contains("has other tables"), "{text}");
    succeed("study", &tables, folder.path());
    succeed(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    let text = fs::read_to_string(&page).unwrap();
    assert_eq!(text.matches("No run is done yet.").count(), 8, "{text}");
    for done in ["| uncertain | 3 of 45 | 3 |", "| deep | 2 of 18 | 0 |"] {
        assert!(text.contains(done), "{done}:\n{text}");
    }

    for row in [
        "| another | 2 | -2.00 ± 0.00 | -1.50 ± 0.00 | 3, 3 |",
        "| this crate | 1 |",
        "| IWAEU | 0.011 | decoder |",
        "| `vae-2-k5` | 100+",
    ] {
        assert!(text.contains(row), "{row}:\n{text}");
    }
    fs::write(&other, "{}").unwrap();
    let broken = fail("study", &tables, folder.path());
    assert!(
        broken.contains("pytorch.json") && broken.contains("make it again"),
        "{broken}"
    );
    fs::write(&other, &other_program).unwrap();

    // The plan was changed before the second seed.
    let second = "runs/study/quick/results/uncertain/iwaeu-1000-seed2.json";
    let second = folder.path().join(second);
    let whole = fs::read_to_string(&second).unwrap();
    fs::write(&second, whole.replace("\"epochs\":1,", "\"epochs\":2,")).unwrap();
    let mixed = fail("study", &tables, folder.path());
    for words in ["iwaeu-1000-seed2.json", "a run with other settings"] {
        assert!(mixed.contains(words), "{mixed}");
    }
    fs::write(&second, &whole).unwrap();
    assert_eq!(fs::read_to_string(&page).unwrap(), text);

    // What was begun with other settings does not go on.
    let begun = "runs/study/quick/uncertain/iwaeu-1000-seed2/run.json";
    let begun = folder.path().join(begun);
    let right = fs::read_to_string(&begun).unwrap();
    assert!(right.contains("\"epochs\":1,"), "{right}");
    fs::write(&begun, right.replace("\"epochs\":1,", "\"epochs\":2,")).unwrap();
    fs::remove_file(&second).unwrap();
    let refusal = fail("study", &first, folder.path());
    for words in [
        "`iwaeu-1000` was begun in",
        "without a result: iwaeu-1000-seed2",
    ] {
        assert!(refusal.contains(words), "{refusal}");
    }
    fs::write(&begun, &right).unwrap();
    succeed("study", &first, folder.path());

    // No model is replaced, and some runs leave none.
    let publish = ["publish", "talk", "--only", "iwae", "--to", "models"];
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("has left no model"), "{refusal}");
    fs::create_dir_all(folder.path().join("models/iwae")).unwrap();
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("would replace"), "{refusal}");
    let publish = ["publish", "deep", "--only", "ladder-2", "--to", "models"];
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("leaves no model"), "{refusal}");
    let row = text
        .lines()
        .find(|line| line.starts_with("| 1000 |"))
        .unwrap();
    let cells: Vec<&str> = row.split(" | ").collect();
    assert_eq!(cells[1], "2");
    // Evaluated once more by the same noise, a model has the same numbers.
    let by_samples = |name: &str| {
        let path = format!("runs/study/quick/results/uncertain/{name}-seed1.json");
        let text = fs::read_to_string(folder.path().join(path)).unwrap();
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        found["summary"]["by_samples"].clone()
    };
    assert_eq!(by_samples("iwae-more-1000")[0], by_samples("iwae-1000")[0]);
    assert!(cells[3] == "–" && cells[4].contains('±'), "{row}");
    assert!(
        text.starts_with("before\n") && text.ends_with("\nafter\n"),
        "{text}"
    );
}
