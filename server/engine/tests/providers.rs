//! Providers take effect while the engine runs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{Event, KeyState, ProviderForm, RunStatus, Settings, ThinkingMode};
use engine::{Error, KeyDraft, Limits, ProviderDraft, Queue, SecretText};
use house::{build, quick};
use llm::LlmError;
use llm::scripted::{Reply, Scripted};
use serde_json::json;
use tools::Registry;

fn draft(key: Option<&str>) -> ProviderDraft {
    ProviderDraft {
        preset: "custom".into(),
        form: String::new(),
        base_url: "http://127.0.0.1:9/v1".into(),
        key: key.map_or(KeyDraft::Keep, |key| KeyDraft::Set(SecretText::new(key.into()))),
    }
}

#[tokio::test]
async fn the_form_follows_the_kind_unless_another_is_chosen() {
    let house = build(Scripted::new([]), Queue::default(), quick(), Registry::builtin()).await;
    let (engine, who) = (&house.engine, &house.who);
    let of = |preset: &str, form: &str| ProviderDraft {
        preset: preset.into(),
        form: form.into(),
        ..draft(None)
    };
    for (name, preset, form, expected) in [
        ("a", "anthropic", "", ProviderForm::Anthropic),
        ("b", "ollama", "", ProviderForm::Ollama),
        ("c", "custom", "", ProviderForm::OpenaiChat),
        ("d", "custom", "gemini", ProviderForm::Gemini),
    ] {
        let added = engine.add_provider(who, name, of(preset, form)).await.unwrap();
        assert_eq!(added.form, Some(expected), "{name}");
    }
    let changed = engine.change_provider(who, "a", of("anthropic", "openai_responses")).await;
    assert_eq!(changed.unwrap().form, Some(ProviderForm::OpenaiResponses));
    // And it is what the store has, for every process.
    let read = engine.provider(who, "a").await.unwrap();
    assert_eq!(read.form, Some(ProviderForm::OpenaiResponses));
    let error = engine.add_provider(who, "e", of("custom", "soap")).await.unwrap_err();
    let Error::Refused(fault) = error else { panic!("{error}") };
    assert!(fault.fields.contains_key("form"), "{fault:?}");
}

async fn set(house: &house::House, change: impl FnOnce(&mut Settings)) {
    let view = house.engine.settings(&house.who).await.unwrap();
    let mut settings = view.settings;
    change(&mut settings);
    house.engine.change_settings(&house.who, &view.etag, settings).await.unwrap();
}

#[tokio::test]
async fn a_model_of_a_new_provider_can_be_the_default_at_once() {
    let house = build(Scripted::new([]), Queue::default(), quick(), Registry::builtin()).await;
    let models = house.engine.default_model().await.unwrap().unwrap();
    assert_eq!(models.to_string(), "scripted/model");
    house.engine.add_provider(&house.who, "near", draft(None)).await.unwrap();
    set(&house, |settings| settings.default_model = Some("near/x".into())).await;
    assert_eq!(house.engine.default_model().await.unwrap().unwrap().to_string(), "near/x");
    // And the run that begins now asks it: nothing listens on that port.
    let run = house.ask("hello").await.run_id;
    assert_eq!(house.end(run).await, RunStatus::Failed);
    let view = house.engine.run(&house.who, run).await.unwrap();
    assert_eq!(view.model.as_deref(), Some("near/x"));
}

#[tokio::test]
async fn limits_count_from_the_next_run_and_pins_win() {
    let pinned = Limits { steps: Some(2), ..quick() };
    for (limits, steps) in [(quick(), 1), (pinned, 2)] {
        let endless = Scripted::new([]).or_always(Reply::call("time.now", json!({})));
        let house = build(endless, Queue::default(), limits, Registry::builtin()).await;
        set(&house, |settings| settings.limits.max_steps = 1).await;
        let run = house.ask("hello").await.run_id;
        house.end(run).await;
        assert_eq!(house.engine.run(&house.who, run).await.unwrap().steps, steps);
    }
}

#[tokio::test]
async fn a_lost_key_file_locks_its_providers_and_nothing_else() {
    let house = build(Scripted::new([]), Queue::default(), quick(), Registry::builtin()).await;
    house.engine.add_provider(&house.who, "keyed", draft(Some("sk-1"))).await.unwrap();
    house.engine.add_provider(&house.who, "open", draft(None)).await.unwrap();
    let key_file = house.folder.path().join("secret.key");
    std::fs::remove_file(&key_file).unwrap();
    let (engine, _) = house::open(
        house.folder.path(),
        &house.model,
        Queue::default(),
        quick(),
        Registry::builtin(),
    )
    .await;
    let who = engine.local_person(None).await.unwrap();
    assert_eq!(engine.provider(&who, "keyed").await.unwrap().key, KeyState::Locked);
    assert_eq!(engine.provider(&who, "open").await.unwrap().key, KeyState::None);
    let check = engine.test_provider(&who, "keyed").await.unwrap();
    assert_eq!(check.outcome.as_str(), "key_locked");
    // Entered again, it opens again.
    let again = engine.change_provider(&who, "keyed", draft(Some("sk-2"))).await.unwrap();
    assert_eq!(again.key, KeyState::Set);
}

#[tokio::test]
async fn thinking_is_kept_as_its_mode_says_and_never_sent_back() {
    let well = || Reply::thinking("secret plan").then(Reply::text("answer"));
    let refused = LlmError::Auth { status: 401 };
    let badly = || Reply::thinking("secret plan").then(Reply::fail(refused.clone()));
    for (mode, reply, kept) in [
        (ThinkingMode::Never, well(), false),
        (ThinkingMode::Never, badly(), false),
        (ThinkingMode::OnError, well(), false),
        (ThinkingMode::OnError, badly(), true),
        (ThinkingMode::Always, well(), true),
        (ThinkingMode::Always, badly(), true),
    ] {
        let model = Scripted::new([reply, Reply::text("again")]);
        let house = build(model, Queue::default(), quick(), Registry::builtin()).await;
        set(&house, |settings| settings.thinking_mode = mode).await;
        let first = house.ask("hello").await;
        let events = house.events(first.run_id).await;
        let ends = events.iter().find_map(|event| match &event.event {
            Event::StepEnd { text, thinking, .. } => Some((text.clone(), thinking.clone())),
            _ => None,
        });
        let (text, thinking) = ends.unwrap();
        assert!(!text.contains("secret"), "{mode}");
        assert_eq!(thinking.as_deref(), kept.then_some("secret plan"), "{mode}");
        let second = house.go_on(first.session_id, "and now?").await;
        house.end(second.run_id).await;
        assert!(!format!("{:?}", house.model.requests()).contains("secret plan"), "{mode}");
    }
}
