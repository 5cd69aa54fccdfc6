//! Opens the provider's sign-in page. One argument of one program, no shell, and only that page.

use url::Url;

use crate::{http::Origin, providers::catalogue::Provider};

/// `false`: there is no browser here, and the person has to open the address.
pub fn open(provider: &Provider, origin: &Origin, url: &Url) -> bool {
    is_sign_in_page(provider, origin, url) && open::that_detached(url.as_str()).is_ok()
}

/// Whether this is the catalogue's authorize address, where it is reached from here. An address made up by
/// anybody else must not be handed to the desktop, which starts programs for some.
fn is_sign_in_page(provider: &Provider, origin: &Origin, url: &Url) -> bool {
    let Ok(page) = origin.url(provider.oauth.authorize) else { return false };
    matches!(url.scheme(), "https" | "http") && url.origin() == page.origin() && url.path() == page.path()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

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
