//! Versions of prompt documents: who may follow whom, and how many stay.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

mod house;

use domain::{AgentName, PromptName};
use house::{House, house};
use store::{Error, NewAgent, PromptSaved};

async fn save(house: &House, seen: u64, text: &str) -> Result<PromptSaved, Error> {
    let (agent, by) = (house.agent, house.owner);
    house.store.save_prompt_document(agent, PromptName::Soul, seen, text.into(), by).await
}

#[tokio::test]
async fn each_save_is_a_version_with_its_author_and_time() {
    let house = house().await;
    let agent = house.agent;
    assert_eq!(house.store.prompt_documents(agent).await.unwrap(), []);
    let name = PromptName::Soul;
    assert_eq!(house.store.prompt_document(agent, name, None).await.unwrap(), None);
    assert_eq!(save(&house, 0, "Calm. 那").await.unwrap(), PromptSaved::As(1));
    assert_eq!(save(&house, 1, "Calmer.").await.unwrap(), PromptSaved::As(2));
    assert_eq!(save(&house, 2, "Calmer.").await.unwrap(), PromptSaved::As(2), "nothing new");

    let newest = house.store.prompt_document(agent, name, None).await.unwrap().unwrap();
    assert_eq!((newest.version, newest.content.as_str()), (2, "Calmer."));
    let first = house.store.prompt_document(agent, name, Some(1)).await.unwrap().unwrap();
    assert_eq!(first.content, "Calm. 那");
    assert_eq!(house.store.prompt_document(agent, name, Some(3)).await.unwrap(), None);
    let versions = house.store.prompt_versions(agent, name).await.unwrap();
    let told: Vec<_> = versions.iter().map(|v| (v.version, v.bytes)).collect();
    assert_eq!(told, [(2, 7), (1, 9)]);
    assert!(versions.iter().all(|v| v.saved.by.as_str() == "ada"));
    assert_eq!(versions[0].saved.at, store::Clock::now(house.clock.as_ref()));
}

#[tokio::test]
async fn a_version_follows_the_one_it_was_made_from_alone() {
    let house = house().await;
    assert_eq!(save(&house, 1, "early").await.unwrap(), PromptSaved::Stale);
    save(&house, 0, "one").await.unwrap();
    assert_eq!(save(&house, 0, "mine").await.unwrap(), PromptSaved::Stale);
    let together = tokio::join!(save(&house, 1, "a"), save(&house, 1, "b"));
    let saved = [together.0.unwrap(), together.1.unwrap()];
    assert!(saved.contains(&PromptSaved::As(2)) && saved.contains(&PromptSaved::Stale));
}

#[tokio::test]
async fn the_newest_fifty_versions_stay() {
    let house = house().await;
    for seen in 0..60 {
        save(&house, seen, &format!("version {}", seen + 1)).await.unwrap();
    }
    let versions = house.store.prompt_versions(house.agent, PromptName::Soul).await.unwrap();
    assert_eq!(versions.len(), 50);
    assert_eq!((versions[0].version, versions[49].version), (60, 11));
    let gone = house.store.prompt_document(house.agent, PromptName::Soul, Some(10)).await;
    assert_eq!(gone.unwrap(), None);
}

#[tokio::test]
async fn documents_come_in_the_order_that_a_model_reads_them_and_from_one_agent_alone() {
    let house = house().await;
    let new = NewAgent {
        owner_id: house.owner,
        name: AgentName::parse("other").unwrap(),
        instructions: String::new(),
        model: None,
        folder: "other".into(),
        choices: Default::default(),
        profile: None,
    };
    let other = house.store.add_agent(new).await.unwrap().id;
    let put = async |agent, name, seen, text: &str| {
        let saved =
            house.store.save_prompt_document(agent, name, seen, text.into(), house.owner).await;
        saved.unwrap()
    };
    for name in PromptName::ALL.iter().rev() {
        put(house.agent, *name, 0, "old").await;
        put(house.agent, *name, 1, name.as_str()).await;
    }
    put(other, PromptName::Rules, 0, "theirs").await;
    let documents = house.store.prompt_documents(house.agent).await.unwrap();
    let told: Vec<_> = documents.iter().map(|d| (d.name, d.content.as_str())).collect();
    let all: Vec<_> = PromptName::ALL.iter().map(|name| (*name, name.as_str())).collect();
    assert_eq!(told, all);
    assert_eq!(house.store.prompt_documents(other).await.unwrap().len(), 1);

    house.store.delete_agent(other).await.unwrap();
    let late =
        house.store.save_prompt_document(other, PromptName::Soul, 0, "late".into(), house.owner);
    assert!(matches!(late.await, Err(Error::NotFound("agent"))));
}
