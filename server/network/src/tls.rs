//! Who the other side is, by the certificates that the machine trusts.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Error, Host};

/// Makes connections secure. What it needs is read when it is first needed, so
/// a machine without certificates still has plain http.
#[derive(Default)]
pub(crate) struct Tls(OnceCell<TlsConnector>);

impl Tls {
    /// Makes a connection secure for a host.
    pub(crate) async fn secure(
        &self,
        stream: TcpStream,
        host: &Host,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let fail = |reason: String| Error::Tls { host: host.to_string(), reason };
        let connector = self.0.get_or_try_init(connector).await.map_err(fail)?;
        let name = match host {
            Host::Ip(IpAddr::V4(address)) => ServerName::from(*address),
            Host::Ip(IpAddr::V6(address)) => ServerName::from(*address),
            Host::Name(name) => ServerName::try_from(name.clone())
                .map_err(|_| fail("no certificate can be for this name".to_owned()))?,
        };
        connector.connect(name, stream).await.map_err(|error| fail(error.to_string()))
    }
}

/// Reading the certificates of the machine takes a while and blocks.
async fn connector() -> Result<TlsConnector, String> {
    match tokio::task::spawn_blocking(configured).await {
        Ok(Ok(config)) => Ok(TlsConnector::from(Arc::new(config))),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the machine's certificates could not be read".to_owned()),
    }
}

fn configured() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions()?.with_platform_verifier()?;
    Ok(builder.with_no_client_auth())
}
