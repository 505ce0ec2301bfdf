//! A run read as a whole.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{FinishReason, ToolErrorCode, TraceMessage, TracePart, TraceStep};
use engine::{KeyDraft, ProviderDraft, SecretText};
use futures_util::TryStreamExt;
use house::{House, house};
use llm::scripted::{Reply, Scripted};
use serde_json::{Value, json};

async fn parts(house: &House, run: domain::RunId) -> Vec<TracePart> {
    let trace = house.engine.trace(&house.who, run).await.unwrap();
    trace.parts.try_collect().await.unwrap()
}

fn steps(parts: &[TracePart]) -> Vec<&TraceStep> {
    let steps = parts.iter().filter_map(|part| match part {
        TracePart::Step(step) => Some(step.as_ref()),
        TracePart::End(_) => None,
    });
    steps.collect()
}

/// What a step was sent, whole.
fn whole(steps: &[&TraceStep]) -> Vec<Vec<TraceMessage>> {
    let mut all: Vec<Vec<TraceMessage>> = Vec::new();
    for step in steps {
        let request = step.request.as_ref().unwrap();
        let mut messages = all.last().map_or(Vec::new(), |last| last[..request.kept].to_vec());
        messages.extend(request.messages.iter().cloned());
        all.push(messages);
    }
    all
}

#[tokio::test]
async fn a_trace_tells_what_was_sent_and_what_came_of_it() {
    let model = Scripted::new([
        Reply::text("An answer."),
        Reply::text("I look.").then(Reply::call("fs.list", json!({}))),
        Reply::call("fs.read", json!({"path": "missing.txt"}))
            .then(Reply::call("fs.list", json!({"path": ""}))),
        Reply::text("Done: 那🙂é"),
    ]);
    let house = house(model).await;
    let first = house.ask("first question").await;
    house.end(first.run_id).await;
    let second = house.go_on(first.session_id, "second question").await;
    house.end(second.run_id).await;

    let trace = house.engine.trace(&house.who, second.run_id).await.unwrap();
    let opening = trace.opening.unwrap();
    assert_eq!((opening.history, opening.cleared), (vec![first.run_id], vec![]));
    let tools: Vec<_> = opening.tools.unwrap().into_iter().map(|tool| tool.name).collect();
    let sent: Vec<_> = house.model.requests()[1].tools.iter().map(|t| t.name.clone()).collect();
    assert_eq!(tools, sent);

    let parts = parts(&house, second.run_id).await;
    let steps = steps(&parts);
    let sent: Vec<Vec<TraceMessage>> = house.model.requests()[1..]
        .iter()
        .map(|request| request.messages.iter().map(TraceMessage::from).collect())
        .collect();
    assert_eq!(whole(&steps), sent, "the requests as the model got them");
    assert_eq!(steps[1].request.as_ref().unwrap().kept, sent[0].len(), "only what is new is told");

    assert_eq!(steps[0].reply.as_ref().unwrap().text, "I look.");
    assert_eq!(steps[2].reply.as_ref().unwrap().finish, FinishReason::Stop);
    let failed = steps[1].calls[0].result.as_ref().unwrap();
    assert_eq!(failed.error_code, Some(ToolErrorCode::InputInvalid));
    let Some(TracePart::End(end)) = parts.last() else { panic!("{parts:?}") };
    let figures: Vec<_> =
        end.tools.iter().map(|tool| (tool.tool.as_str(), tool.calls, tool.failures)).collect();
    assert!(figures.contains(&("fs.list", 2, 0)) && figures.contains(&("fs.read", 1, 1)));
}

#[tokio::test]
async fn the_file_is_one_object_and_holds_no_key() {
    let key = "sk-very-secret/1";
    let in_base64 = "c2stdmVyeS1zZWNyZXQvMQ==";
    let model = Scripted::new([
        Reply::call("fs.write", json!({"path": "a", "content": format!("the key is {key}")})),
        Reply::call("fs.read", json!({"path": "a"})),
        Reply::text(format!("It is {key} or {in_base64}.")),
    ]);
    let house = house(model).await;
    let draft = ProviderDraft {
        preset: "custom".into(),
        form: String::new(),
        base_url: "http://127.0.0.1:9/v1".into(),
        key: KeyDraft::Set(SecretText::new(key.into())),
    };
    house.engine.add_provider(&house.who, "hosted", draft).await.unwrap();
    let run = house.ask(&format!("keep {key}")).await;
    house.end(run.run_id).await;

    let file = house.engine.trace_file(&house.who, run.run_id).await.unwrap();
    assert_eq!(file.file_name, format!("{}.trace.json", run.run_id));
    let text: String = file.text.try_collect().await.unwrap();
    assert!(!text.contains(key) && !text.contains(in_base64), "{text}");
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["run"]["message"], "keep [secret of hosted]");
    assert_eq!(
        whole["steps"][2]["reply"]["text"],
        "It is [secret of hosted] or [secret of hosted]."
    );
    assert_eq!(whole["steps"].as_array().unwrap().len(), 3);
    assert_eq!(whole["end"]["tools"].as_array().unwrap().len(), 2);

    let form = engine::ExportForm::Markdown;
    let export = house.engine.export(&house.who, run.session_id, form).await.unwrap();
    let text: String = export.text.try_collect().await.unwrap();
    assert!(text.contains("[secret of hosted]") && !text.contains(key), "{text}");
}

#[tokio::test]
async fn a_run_of_somebody_else_is_not_there() {
    let house = house(Scripted::new([Reply::text("ok")])).await;
    let run = house.ask("mine").await;
    house.end(run.run_id).await;
    house.engine.add_user("grace", "correct horse 42", domain::Role::Member).await.unwrap();
    let grace = house.engine.local_person(Some("grace")).await.unwrap();
    let refused = house.engine.trace(&grace, run.run_id).await.err().unwrap();
    let fault: domain::Fault = refused.into();
    assert_eq!(fault.code, domain::FaultCode::RunNotFound);
}
