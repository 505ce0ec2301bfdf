//! Setting up, signing in and out, and who is there.

use domain::UserView;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::ApiError;

/// Makes the first owner and signs them in.
#[server(prefix = "/fn", endpoint = "setup")]
pub(crate) async fn set_up(
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};

    let posted = context::Posted::new("setup", routes::SETUP).typed("name", &name);
    let login = posted.settle(context::engine()?.set_up(&name, &password).await).await?;
    context::remember(&login);
    context::go(routes::OVERVIEW);
    Ok(())
}

/// Signs a person in and leads them on.
#[server(prefix = "/fn", endpoint = "login")]
pub(crate) async fn sign_in(
    #[server(default)] name: String,
    #[server(default)] password: String,
    #[server(default)] keep: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    use crate::{context, routes};
    use engine::Keep;

    let stay = if keep.is_empty() { Keep::ThisVisit } else { Keep::ThirtyDays };
    let address = context::client_address();
    let posted = context::Posted::new("login", routes::login(&next))
        .typed("name", &name)
        .typed("keep", &keep);
    let answer = context::engine()?.sign_in(&name, &password, address, stay).await;
    let login = posted.settle(answer).await?;
    context::remember(&login);
    context::go(routes::local(&next).unwrap_or(routes::OVERVIEW));
    Ok(())
}

/// Ends the login session.
#[server(prefix = "/fn", endpoint = "logout")]
pub(crate) async fn sign_out() -> Result<(), ApiError> {
    use crate::{context, routes};

    if let Some(token) = context::own_token() {
        context::engine()?.sign_out(&token).await.map_err(context::refused)?;
    }
    context::forget();
    context::go(routes::LOGIN);
    Ok(())
}

/// Who is signed in.
#[server(prefix = "/fn", endpoint = "me", input = GetUrl, output = Json)]
pub(crate) async fn me() -> Result<UserView, ApiError> {
    use crate::context;

    Ok(context::signed_in().await?.view().clone())
}
