//! Providers: adding, changing, testing and removing them.

use domain::{ConnectionCheck, ProviderPage};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::ApiError;

/// One provider with the kinds to choose from; without a name those alone.
#[server(prefix = "/fn", endpoint = "provider", input = GetUrl, output = Json)]
pub(crate) async fn read_provider(
    #[server(default)] name: String,
) -> Result<ProviderPage, ApiError> {
    use crate::context;

    let who = context::signed_in().await?;
    let engine = context::engine()?;
    let provider = match name.as_str() {
        "" => None,
        name => Some(engine.provider(&who, name).await.map_err(context::refused)?),
    };
    Ok(ProviderPage { provider, presets: engine.presets(&who) })
}

/// Adds a provider and leads to its page.
#[server(prefix = "/fn", endpoint = "provider-new")]
pub(crate) async fn add_provider(
    #[server(default)] name: String,
    #[server(default)] preset: String,
    #[server(default)] form: String,
    #[server(default)] base_url: String,
    #[server(default)] key: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("provider-new", routes::PROVIDER_NEW)
        .typed("name", &name)
        .typed("preset", &preset)
        .typed("form", &form)
        .typed("base_url", &base_url);
    let answer = async {
        let who = context::signed_in().await?;
        let draft = context::provider_draft(preset, form, base_url, key, "");
        context::engine()?.add_provider(&who, &name, draft).await.map_err(context::refused)
    };
    let added = posted.settle(answer.await).await?;
    context::go(&routes::provider(&added.name));
    Ok(())
}

/// Changes a provider.
#[server(prefix = "/fn", endpoint = "provider-edit")]
pub(crate) async fn change_provider(
    #[server(default)] provider: String,
    #[server(default)] preset: String,
    #[server(default)] form: String,
    #[server(default)] base_url: String,
    #[server(default)] key: String,
    #[server(default)] remove_key: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let page = routes::provider(&provider);
    let posted = context::Posted::new("provider-edit", page.clone())
        .typed("preset", &preset)
        .typed("form", &form)
        .typed("base_url", &base_url)
        .typed("remove_key", &remove_key);
    let answer = async {
        let who = context::signed_in().await?;
        let draft = context::provider_draft(preset, form, base_url, key, &remove_key);
        context::engine()?.change_provider(&who, &provider, draft).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::stay(&page);
    Ok(())
}

/// Tests a provider, and keeps the list of its models.
#[server(prefix = "/fn", endpoint = "provider-test")]
pub(crate) async fn test_provider(
    #[server(default)] provider: String,
) -> Result<ConnectionCheck, ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("provider-test", routes::provider(&provider));
    let answer = async {
        let who = context::signed_in().await?;
        context::engine()?.test_provider(&who, &provider).await.map_err(context::refused)
    };
    match answer.await {
        Ok(check) => {
            let outcome = check.outcome.as_str();
            let sentence = format!("{} ({} ms)", check.message, check.took_ms);
            posted.typed("outcome", outcome).tell(sentence).await;
            Ok(check)
        }
        refusal => posted.settle(refusal).await,
    }
}

/// Removes a provider that nobody uses.
#[server(prefix = "/fn", endpoint = "provider-remove")]
pub(crate) async fn remove_provider(#[server(default)] provider: String) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("provider-remove", routes::provider(&provider));
    let answer = async {
        let who = context::signed_in().await?;
        context::engine()?.remove_provider(&who, &provider).await.map_err(context::refused)
    };
    posted.settle(answer.await).await?;
    context::go(routes::SETTINGS);
    Ok(())
}
