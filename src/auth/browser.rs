//! Opens the provider's sign-in page. One argument of one program, no shell, only that page, and nothing of ours in
//! the environment: a browser passes it on to whatever it starts.

use std::{
    ffi::OsStr,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use url::Url;

use crate::{
    config::{self, ProviderVariable},
    http::Origin,
    providers::{self, catalogue::Provider},
};

/// `false`: there is no browser here, and the person has to open the address.
pub fn open(provider: &Provider, origin: &Origin, url: &Url) -> bool {
    is_sign_in_page(provider, origin, url) && open_page(url.as_str().as_ref())
}

/// How often it is looked whether a program of the desktop says that it cannot, and after how long again.
const LOOKS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(10);

/// Hands a page to the desktop, by the first of its programs that does not fail at once.
pub fn open_page(page: &OsStr) -> bool {
    open::commands(page).into_iter().any(|mut command| {
        for name in our_variables() {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().is_ok_and(goes_on)
    })
}

/// Whether it still runs after a moment, or ended well. What it ends with on Windows says nothing.
fn goes_on(mut child: Child) -> bool {
    for _ in 0..if cfg!(unix) { LOOKS } else { 0 } {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(BETWEEN),
            Err(_) => break,
        }
    }
    true
}

/// Every variable that this program reads, whatever is in it.
fn our_variables() -> impl Iterator<Item = String> {
    let settings = config::SETTINGS.iter().map(|setting| setting.env.to_owned());
    let of = |provider: &'static Provider| {
        ProviderVariable::ALL.into_iter().map(|what| config::provider_env(provider.id, what))
    };
    settings.chain(providers::ALL.iter().copied().flat_map(of))
}

/// Whether this is the catalogue's authorize address, where it is reached from here. An address made up by
/// anybody else must not be handed to the desktop, which starts programs for some.
fn is_sign_in_page(provider: &Provider, origin: &Origin, url: &Url) -> bool {
    let Some(oauth) = provider.oauth() else { return false };
    let Ok(page) = origin.url(oauth.authorize) else { return false };
    matches!(url.scheme(), "https" | "http") && url.origin() == page.origin() && url.path() == page.path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sign_in_page_is_opened() {
        let whoop = providers::find("whoop").unwrap();
        let origin = Origin::of(whoop).unwrap();
        for (url, fine) in [
            ("https://api.prod.whoop.com/oauth/oauth2/auth?state=x", true),
            ("http://api.prod.whoop.com/oauth/oauth2/auth?state=x", false),
            ("https://api.prod.whoop.com:444/oauth/oauth2/auth", false),
            ("https://api.prod.whoop.com.evil.example/oauth/oauth2/auth", false),
            ("https://api.prod.whoop.com@evil.example/oauth/oauth2/auth", false),
            ("https://api.prod.whoop.com/elsewhere", false),
            ("file:///etc/passwd", false),
            ("http://127.0.0.1:4000/oauth/oauth2/auth", false),
        ] {
            assert_eq!(is_sign_in_page(whoop, &origin, &Url::parse(url).unwrap()), fine, "{url}");
        }
        let fake = Origin::loopback("http://127.0.0.1:4000");
        let url = Url::parse("http://127.0.0.1:4000/oauth/oauth2/auth?x=y").unwrap();
        assert!(is_sign_in_page(whoop, &fake, &url));
    }
}
