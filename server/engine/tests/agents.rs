//! Agents through the facade: rights, rules and what becomes of their work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{AgentStatus, Fault, FaultCode, Role, RunStatus};
use engine::{AgentDraft, Error, Result, Sharing, Target};
use house::{House, house};
use llm::scripted::{Gate, Reply, Scripted};
use serde_json::json;

fn draft(name: &str) -> AgentDraft {
    AgentDraft { name: Some(name.into()), ..AgentDraft::default() }
}

fn in_folder(folder: &str) -> AgentDraft {
    AgentDraft { folder: Some(folder.into()), ..AgentDraft::default() }
}

fn fault<T: std::fmt::Debug>(result: Result<T>) -> Fault {
    match result {
        Err(Error::Refused(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

fn with(agent: &str) -> Target {
    Target::NewSession { agent: Some(agent.into()) }
}

async fn quiet() -> House {
    house(Scripted::new([]).or_always(Reply::text("ok"))).await
}

#[tokio::test]
async fn an_owner_edits_and_a_member_uses() {
    let house = quiet().await;
    let member = house.engine.add_user("mia", "correct horse 42", Role::Member).await.unwrap();
    let (engine, who) = (&house.engine, &member);
    let forbidden = [
        fault(engine.create_agent(who, draft("x")).await),
        fault(engine.edit_agent(who, "guide", None, draft("x")).await),
        fault(engine.disable_agent(who, "guide").await),
        fault(engine.enable_agent(who, "guide").await),
        fault(engine.delete_agent(who, "guide", "guide").await),
        fault(engine.agent_record(who, "guide").await),
    ];
    assert!(forbidden.iter().all(|fault| fault.code == FaultCode::Forbidden), "{forbidden:?}");
    house.ask("of the owner").await;
    let rows = engine.agent_rows(who).await.unwrap();
    assert_eq!((rows.len(), rows[0].sessions), (1, 0), "the owner's sessions are not counted");
    assert_eq!(engine.agent_picker(who).await.unwrap().agents.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_its_field() {
    let house = quiet().await;
    let long = "x".repeat(64 * 1024 + 1);
    let cases = [
        ("name", draft("two words")),
        ("name", draft("")),
        ("name", draft("GUIDE")),
        ("name", draft("new")),
        ("instructions", AgentDraft { instructions: Some(long), ..draft("a") }),
        ("model", AgentDraft { model: Some("nope/x".into()), ..draft("a") }),
        ("model", AgentDraft { model: Some("no-slash".into()), ..draft("a") }),
        ("folder", AgentDraft { folder: Some("../up".into()), ..draft("a") }),
    ];
    for (field, draft) in cases {
        let fault = fault(house.engine.create_agent(&house.who, draft.clone()).await);
        assert!(fault.fields.contains_key(field), "{draft:?}: {fault:?}");
    }
    let unknown = AgentDraft { model: Some("nope/x".into()), ..draft("a") };
    let fault = fault(house.engine.create_agent(&house.who, unknown).await);
    assert!(fault.message.contains("scripted"), "the known ones are named: {}", fault.message);
    assert_eq!(house.engine.agents(&house.who).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_active_agent_stays() {
    let house = quiet().await;
    let last = |fault: Fault| assert_eq!(fault.code, FaultCode::AgentLast);
    last(fault(house.engine.disable_agent(&house.who, "guide").await));
    last(fault(house.engine.delete_agent(&house.who, "guide", "guide").await));
    house.engine.create_agent(&house.who, draft("other")).await.unwrap();
    let wrong = fault(house.engine.delete_agent(&house.who, "guide", "gide").await);
    assert!(wrong.fields.contains_key("confirm"));
    house.engine.disable_agent(&house.who, "guide").await.unwrap();
    last(fault(house.engine.disable_agent(&house.who, "other").await));
    // A disabled one may go.
    let folder = house.engine.delete_agent(&house.who, "guide", "guide").await.unwrap();
    assert!(folder.ends_with("workspaces/guide"), "{folder:?}");
}

#[tokio::test]
async fn a_disabled_agent_takes_no_message_and_a_deleted_one_stays_readable() {
    let house = quiet().await;
    let (engine, who) = (&house.engine, &house.who);
    engine.create_agent(who, draft("other")).await.unwrap();
    let asked = house.say(with("other"), "one").await.unwrap();
    house.end(asked.run_id).await;
    engine.disable_agent(who, "other").await.unwrap();
    let in_session = fault(house.say(Target::Session(asked.session_id), "two").await);
    let begun = fault(house.say(with("other"), "two").await);
    assert_eq!((in_session.code, begun.code), (FaultCode::AgentDisabled, FaultCode::AgentDisabled));
    assert_eq!(
        engine
            .sessions(who, Default::default(), Default::default(), None)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    let status = async || engine.session(who, asked.session_id).await.unwrap().agent_status;
    assert_eq!(status().await, AgentStatus::Disabled, "a page can say so beforehand");
    let picker = engine.agent_picker(who).await.unwrap();
    assert_eq!((picker.agents.len(), picker.last_used), (1, None), "only active ones are offered");

    engine.delete_agent(who, "other", "other").await.unwrap();
    assert_eq!(status().await, AgentStatus::Deleted);
    let gone = fault(house.say(Target::Session(asked.session_id), "two").await);
    assert_eq!(gone.code, FaultCode::AgentDeleted);
    assert_eq!(fault(house.say(with("other"), "x").await).code, FaultCode::AgentNotFound);
    let chat = engine.chat(who, asked.session_id, None).await.unwrap();
    assert_eq!((chat.session.agent.as_str(), chat.turns.len()), ("other (deleted)", 1));

    // A new agent of that name does not step into the old one's folder.
    std::fs::create_dir_all(house.folder.path().join("workspaces/other")).unwrap();
    let fresh = engine.create_agent(who, draft("other")).await.unwrap();
    assert_eq!(fresh.folder, "other-2");
}

#[tokio::test]
async fn a_run_that_works_goes_on_when_its_agent_is_disabled() {
    let gate = Gate::new();
    let house = house(Scripted::new([Reply::held(&gate).then(Reply::text("done"))])).await;
    house.engine.create_agent(&house.who, draft("other")).await.unwrap();
    let working = house.ask("wait").await;
    gate.reached().await;
    let waiting = house.go_on(working.session_id, "next").await;
    let busy = fault(house.engine.delete_agent(&house.who, "guide", "guide").await);
    assert_eq!(busy.code, FaultCode::AgentAtWork);
    house.engine.disable_agent(&house.who, "guide").await.unwrap();
    assert_eq!(house.end(waiting.run_id).await, RunStatus::Cancelled);
    gate.open();
    assert_eq!(house.end(working.run_id).await, RunStatus::Done);
}

#[tokio::test]
async fn a_run_uses_its_agents_instructions_and_folder() {
    let write = Reply::call("fs.write", json!({"path": "a.txt", "content": "here"}));
    let house = house(Scripted::new([write, Reply::text("ok")])).await;
    let outside = tempfile::Builder::new().prefix("project").tempdir().unwrap();
    let draft = AgentDraft {
        instructions: Some("Speak\r\nlike a pirate.".into()),
        folder: Some(outside.path().to_str().unwrap().into()),
        ..draft("pirate")
    };
    let record = house.engine.create_agent(&house.who, draft).await.unwrap();
    assert_eq!(record.instructions, "Speak\nlike a pirate.");
    let run = house.say(with("Pirate"), "write").await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Done);
    assert_eq!(std::fs::read_to_string(outside.path().join("a.txt")).unwrap(), "here");
    let asked = format!("{:?}", house.model.requests()[0].messages);
    assert!(asked.contains("like a pirate."), "{asked}");
}

#[tokio::test]
async fn a_folder_that_is_gone_ends_the_run_with_a_sentence() {
    let house = quiet().await;
    let outside = tempfile::Builder::new().prefix("project").tempdir().unwrap();
    let path = outside.path().to_str().unwrap().to_owned();
    let draft = AgentDraft { folder: Some(path.clone()), ..draft("away") };
    house.engine.create_agent(&house.who, draft).await.unwrap();
    drop(outside);
    let run = house.say(with("away"), "hello").await.unwrap();
    assert_eq!(house.end(run.run_id).await, RunStatus::Failed);
    let error = house.engine.run(&house.who, run.run_id).await.unwrap().error.unwrap();
    assert_eq!(error.code, domain::RunErrorCode::Folder);
    assert!(error.message.contains(&path), "{}", error.message);
    assert!(!std::path::Path::new(&path).exists(), "it is not made anew");
}

#[tokio::test]
async fn folders_that_no_agent_may_have() {
    let house = quiet().await;
    let root = house.folder.path();
    let (data, spaces) = (root.join("data"), root.join("workspaces"));
    std::fs::create_dir_all(spaces.join("mine")).unwrap();
    let outside = tempfile::Builder::new().prefix("project").tempdir().unwrap();
    let home = outside.path();
    for inside in [".ssh", "work", "work/.hidden"] {
        std::fs::create_dir(home.join(inside)).unwrap();
    }
    std::fs::create_dir(data.join("keys")).unwrap();
    std::fs::write(home.join("file"), "").unwrap();
    let link = |to: &std::path::Path, at: std::path::PathBuf| {
        std::os::unix::fs::symlink(to, &at).unwrap();
        at
    };
    let bad = [
        "/".into(),
        "/etc".into(),
        root.to_owned(),
        data.clone(),
        data.join("keys"),
        spaces.clone(),
        home.to_owned(),
        home.join(".ssh"),
        home.join("work/.hidden"),
        home.join("work/../.ssh"),
        home.join("file"),
        home.join("nothing"),
        link(&data, home.join("to-data")),
        link(&home.join(".ssh"), home.join("to-keys")),
    ];
    for path in bad {
        let result =
            house.engine.edit_agent(&house.who, "guide", None, in_folder(path.to_str().unwrap()));
        let fault = fault(result.await);
        assert!(fault.fields.contains_key("folder"), "{path:?}: {fault:?}");
    }
    // A link among the workspaces is looked at like any other.
    link(&data, spaces.join("sly"));
    for name in ["sly", ".", "..", "a/b", "-x", ".hidden"] {
        let result = house.engine.edit_agent(&house.who, "guide", None, in_folder(name)).await;
        assert!(fault(result).fields.contains_key("folder"), "{name}");
    }
    // These may be: a name, a path, and a path that is one of the workspaces.
    let edit = async |text: &str| {
        house.engine.edit_agent(&house.who, "guide", None, in_folder(text)).await.unwrap().folder
    };
    assert_eq!(edit("fresh.one").await, "fresh.one");
    assert_eq!(edit(spaces.join("mine").to_str().unwrap()).await, "mine");
    let work = home.join("work").canonicalize().unwrap();
    assert_eq!(
        edit(link(&work, home.join("to-work")).to_str().unwrap()).await,
        work.to_str().unwrap()
    );
}

#[tokio::test]
async fn two_agents_share_a_folder_only_by_word() {
    let house = quiet().await;
    let (engine, who) = (&house.engine, &house.who);
    let shared = AgentDraft { folder: Some("guide".into()), ..draft("second") };
    let refused = fault(engine.create_agent(who, shared.clone()).await);
    assert!(refused.fields["folder"].contains("guide"), "{refused:?}");
    let allowed = AgentDraft { sharing: Sharing::Allowed, ..shared };
    let record = engine.create_agent(who, allowed).await.unwrap();
    assert_eq!(record.shared_with[0].as_str(), "guide");
    // Saving again asks nothing that was answered.
    let again = AgentDraft { folder: Some("guide".into()), ..AgentDraft::default() };
    engine.edit_agent(who, "second", None, again).await.unwrap();
}

#[tokio::test]
async fn a_stale_edit_is_refused_and_a_renamed_agent_keeps_its_folder() {
    let house = quiet().await;
    let (engine, who) = (&house.engine, &house.who);
    let seen = Some(engine.agent_record(who, "guide").await.unwrap().updated_at);
    let renamed = engine.edit_agent(who, "guide", seen, draft("leader")).await.unwrap();
    assert_eq!((renamed.row.agent.name.as_str(), renamed.folder.as_str()), ("leader", "guide"));
    let stale = fault(engine.edit_agent(who, "leader", seen, draft("late")).await);
    assert_eq!(stale.code, FaultCode::EditStale);
    let same = engine.create_agent(who, draft("guide")).await.unwrap();
    assert_eq!(same.folder, "guide-2", "the folder of the renamed one is not free");
}
