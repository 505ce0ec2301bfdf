//! `agent.run` and `agent.message`.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::ToolErrorCode;
use serde_json::json;
use tools::{Delegate, Output, ToolError};

use crate::support::House;

/// Notes what it is asked to do.
#[derive(Default)]
struct Notes(Mutex<Vec<(String, String)>>);

impl Notes {
    fn take(&self, whom: &str, message: &str) -> Result<Output, ToolError> {
        self.0.lock().unwrap().push((whom.to_owned(), message.to_owned()));
        Ok(Output::new("done", "done".to_owned()))
    }
}

#[async_trait]
impl Delegate for Notes {
    async fn begin(&self, agent: Option<&str>, message: &str) -> Result<Output, ToolError> {
        self.take(agent.unwrap_or("one like the caller"), message)
    }

    async fn go_on(&self, session: &str, message: &str) -> Result<Output, ToolError> {
        self.take(session, message)
    }
}

#[tokio::test]
async fn tasks_go_where_they_are_meant_for() {
    let notes = Arc::new(Notes::default());
    let house = House::new().delegating(Arc::clone(&notes) as _);
    house.call("agent.run", json!({"agent": " scribe ", "message": "a"})).await.unwrap();
    house.call("agent.run", json!({"agent": "", "task": "b"})).await.unwrap();
    house.call("agent.run", json!({"message": "c"})).await.unwrap();
    house.call("agent.message", json!({"session_id": "ses_1", "message": "d"})).await.unwrap();
    let notes = notes.0.lock().unwrap();
    let notes: Vec<_> = notes.iter().map(|(whom, what)| (whom.as_str(), what.as_str())).collect();
    let like = "one like the caller";
    assert_eq!(notes, [("scribe", "a"), (like, "b"), (like, "c"), ("ses_1", "d")]);
}

#[tokio::test]
async fn where_nobody_takes_tasks_they_are_refused() {
    let house = House::new();
    for (tool, arguments) in [
        ("agent.run", json!({"message": "a"})),
        ("agent.message", json!({"session": "ses_1", "message": "a"})),
    ] {
        let (code, message) = house.refused(tool, arguments).await;
        assert_eq!(code, ToolErrorCode::PolicyDenied, "{message}");
    }
}
