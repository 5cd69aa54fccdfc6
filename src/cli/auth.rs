//! `auth PROVIDER`: connects an account, and says what to click where on the way.
//!
//! Invariant: a secret is never an argument, because other users of the machine can read those; and the
//! command succeeds only when the tokens are on disk.

use std::{
    fmt,
    io::{self, IsTerminal as _},
};

use secrecy::{SecretString, zeroize::Zeroizing};
use serde::Serialize;

use super::output::{say, tell};
use crate::{
    app::App,
    auth::{Account, Client, Door, Redirect, SignIn, Signed, Step, Who, by_oauth, client_from_env, owner},
    config::{ProviderVariable, provider_env},
    error::{Error, Result},
    http::Http,
    invocation,
    providers::{self, catalogue::Provider},
};

/// Connect a provider: opens its sign-in page and stores the login, sealed, on this machine.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Args {
    /// Which provider, for example `whoop`.
    pub provider: String,
    /// Client id of the app you registered with the provider.
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Read the client secret from the first line of standard input.
    #[arg(long)]
    pub client_secret_stdin: bool,
    /// Port to listen on; `http://localhost:PORT/callback` must be registered [default: 8765].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// The registered redirect URI, letter by letter; `none` leaves it out of the request.
    #[arg(long, value_name = "URI|none")]
    pub redirect_uri: Option<String>,
    /// Print the sign-in address instead of opening a browser.
    #[arg(long)]
    pub no_browser: bool,
    /// Open the address anywhere and paste the address it leads to; needs no port.
    #[arg(long, conflicts_with = "no_browser")]
    pub paste: bool,
    /// Store an access token read from standard input instead of signing in.
    #[arg(long, conflicts_with_all = ["client_id", "client_secret_stdin", "port", "redirect_uri", "no_browser", "paste"])]
    pub token_stdin: bool,
    /// Connect the provider's demo user.
    #[arg(long)]
    pub demo_user: bool,
}

/// What the command reports at the end.
#[derive(Debug, Serialize)]
pub struct Report {
    pub provider: &'static str,
    #[serde(skip)]
    title: &'static str,
    /// `null`: the provider was not asked, the token was brought along.
    pub granted: Option<Vec<String>>,
    pub missing: Vec<Missing>,
    /// Whether the login is renewed by itself.
    pub renews: bool,
    /// The command to run next.
    pub next: String,
    #[serde(skip)]
    again: String,
}

#[derive(Debug, Serialize)]
pub struct Missing {
    pub scope: &'static str,
    pub gives: &'static str,
}

/// Signs in. With `json` nothing but the report goes to stdout.
pub async fn run(args: Args, app: &App, http: &Http, json: bool) -> Result<Report> {
    let provider = super::provider(&args.provider)?;
    let oauth = by_oauth(provider)?;
    if args.demo_user && oauth.dialect.demo_user.is_none() {
        return Err(no_demo_user(provider));
    }
    let account = Account::open(&app.config, provider)?;
    // A mirror that cannot be opened is `doctor`'s to tell, and no reason not to sign in.
    let mirror = app.store().ok().flatten();
    if let Some(store) = mirror {
        owner::same_kind_of_origin(store, &account)?;
    }
    let next = invocation::command("sync");
    let signed = if args.token_stdin {
        let token = line()?.ok_or_else(|| no_input("an access token"))?;
        account.bring(token, http, mirror).await?
    } else {
        let redirect = Redirect::choose(args.port, args.redirect_uri.as_deref())?;
        let stored = account.stored_client();
        if stored.is_none() {
            explain(provider, &redirect);
        }
        let client = credentials(provider, &args, stored)?;
        let door = match (args.paste, args.no_browser) {
            (true, _) => Door::Paste,
            (_, true) => Door::Link,
            _ => Door::Browser,
        };
        let who = if args.demo_user { Who::Demo } else { Who::Person };
        let sign_in = SignIn {
            account: &account,
            http,
            client: &client,
            redirect: &redirect,
            door,
            who,
            mirror,
            next: &next,
        };
        sign_in.run(&|step| show(provider, &redirect, door, json, step)).await?
    };
    let again = invocation::command(&format!("auth {}", provider.id));
    Ok(Report::new(provider, signed, next, again))
}

/// What to do on the provider's site, once.
fn explain(provider: &Provider, redirect: &Redirect) {
    tell(&format!("Connecting {} takes an app of your own there, made once:", provider.title));
    for (number, step) in provider.setup().iter().enumerate() {
        tell(&format!("  {}. {}", number + 1, step.replace("{redirect}", &redirect.shown())));
    }
    tell("");
}

/// Tells the person what to do now.
fn show(provider: &Provider, redirect: &Redirect, door: Door, json: bool, step: Step<'_>) {
    let (url, opened) = match step {
        Step::Open { url, opened } => (url, opened),
        Step::NotIt(not_it) => return tell(not_it.describe()),
        Step::Notice(notice) => return tell(notice),
    };
    let title = provider.title;
    if opened {
        tell(&format!("Your browser opens {title}'s page. Sign in there and allow the access."));
        tell("If it does not, open this address:");
    } else {
        tell(&format!("Open this address, sign in to {title} and allow the access:"));
    }
    // With --no-browser the address is what was asked for. A person whose stdout goes into a file or a pipe
    // sees it as well.
    let asked_for = door != Door::Browser && !json;
    if asked_for {
        say(url.as_str());
    }
    if !asked_for || !io::stdout().is_terminal() {
        tell(url.as_str());
    }
    match (door, &redirect.listen) {
        (Door::Paste, _) => {
            tell(
                "The last page may fail to load: that is fine. Copy its whole address from the browser and paste it here:",
            );
        }
        (_, Some(listen)) => {
            tell("Waiting for the browser to come back, for 5 minutes …");
            if !opened {
                let (port, public) = (listen.port, listen.public_port);
                tell(&format!(
                    "(From another machine: connect with `ssh -L {public}:localhost:{port} …` first, or use --paste.)"
                ));
            }
        }
        (_, None) => {}
    }
}

/// The app's credentials: from the command line and standard input, the environment, the last sign-in, or
/// the person, in this order.
fn credentials(provider: &Provider, args: &Args, stored: Option<Client>) -> Result<Client> {
    let (env_id, env_secret) = client_from_env(provider.id);
    let piped = if args.client_secret_stdin {
        Some(line()?.ok_or_else(|| no_input("the client secret"))?)
    } else {
        None
    };
    let (stored_id, stored_secret) =
        stored.map_or((None, None), |client| (Some(client.id), Some(client.secret)));
    let terminal = io::stdin().is_terminal();
    let id = match args.client_id.clone().or(env_id).or_else(|| stored_id.clone()) {
        Some(id) => id,
        None if terminal && piped.is_none() => ask_id()?,
        None => return Err(no_credentials(provider)),
    };
    // A stored secret belongs to the stored id.
    let known = stored_secret.filter(|_| stored_id.as_deref() == Some(id.as_str()));
    let secret = match piped.or(env_secret).or(known) {
        Some(secret) => secret,
        None if terminal => ask_secret()?,
        None => return Err(no_credentials(provider)),
    };
    Ok(Client { id: id.trim().to_owned(), secret })
}

fn ask_id() -> Result<String> {
    tell("Client ID: ");
    let mut text = String::new();
    io::stdin().read_line(&mut text).map_err(|_| no_input("a client id"))?;
    let id = text.trim();
    if id.is_empty() { Err(no_input("a client id")) } else { Ok(id.to_owned()) }
}

/// Asks without showing what is typed.
fn ask_secret() -> Result<SecretString> {
    let text = rpassword::prompt_password("Client Secret (not shown): ")
        .map_err(|_| no_input("the client secret"))?;
    let text = Zeroizing::new(text);
    let secret = text.trim();
    if secret.is_empty() { Err(no_input("the client secret")) } else { Ok(secret.into()) }
}

/// One line of standard input, so that what follows is left for a pasted address.
fn line() -> Result<Option<SecretString>> {
    let mut text = Zeroizing::new(String::new());
    io::stdin().read_line(&mut text).map_err(|_| Error::invalid("standard input is not text"))?;
    let line = text.trim();
    Ok((!line.is_empty()).then(|| line.into()))
}

fn no_input(what: &str) -> Error {
    Error::invalid(format!("{what} was expected and nothing came"))
        .hint("Pipe it in on one line, or run the command in a terminal and enter it when asked.")
}

fn no_demo_user(provider: &Provider) -> Error {
    let have = providers::ALL
        .iter()
        .filter(|other| other.oauth().is_some_and(|oauth| oauth.dialect.demo_user.is_some()));
    let have: Vec<&str> = have.map(|other| other.title).collect();
    Error::invalid(format!("{} has no demo user", provider.title)).hint(format!(
        "These have one: {}. `vitals-mcp demo` shows everything with made-up data.",
        have.join(", ")
    ))
}

fn no_credentials(provider: &Provider) -> Error {
    let [id, secret] = [ProviderVariable::ClientId, ProviderVariable::ClientSecret]
        .map(|what| provider_env(provider.id, what));
    Error::invalid(format!("the client id and secret of your {} app are needed", provider.title)).hint(format!(
        "Set {id} and {secret}, or pass --client-id ID and pipe the secret in with --client-secret-stdin, \
         or run the command in a terminal, where it asks."
    ))
}

impl Report {
    fn new(provider: &Provider, signed: Signed, next: String, again: String) -> Self {
        let missing = signed.missing.iter().map(|scope| Missing { scope: scope.name, gives: scope.gives });
        Self {
            provider: provider.id,
            title: provider.title,
            missing: missing.collect(),
            granted: signed.granted.map(|scopes| known(provider, &scopes)),
            renews: signed.renews,
            next,
            again,
        }
    }
}

/// The granted scopes that are ours, in our words: what a provider sends is not printed.
fn known(provider: &Provider, scopes: &[String]) -> Vec<String> {
    let ours = provider.scopes().iter().map(|scope| scope.name);
    let ours = ours.chain(provider.oauth().and_then(|oauth| oauth.offline_scope));
    let granted = |name: &&str| scopes.iter().any(|scope| provider.plain_scope(scope) == *name);
    ours.filter(granted).map(str::to_owned).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} is connected; the login is stored sealed on this machine.", self.title)?;
        if let Some(granted) = &self.granted {
            writeln!(f, "Granted: {}", granted.join(", "))?;
        }
        if !self.missing.is_empty() {
            let missing: Vec<String> =
                self.missing.iter().map(|missing| format!("{} ({})", missing.scope, missing.gives)).collect();
            writeln!(f, "Not granted: {}", missing.join(", "))?;
            writeln!(f, "  To add them, tick them in the app's settings and run `{}` again.", self.again)?;
        }
        if !self.renews {
            writeln!(f, "It is not renewed by itself: when it stops working, run `{}` again.", self.again)?;
        }
        write!(f, "Next: {}", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers;

    fn args(provider: &str) -> Args {
        Args {
            provider: provider.to_owned(),
            client_id: None,
            client_secret_stdin: false,
            port: None,
            redirect_uri: None,
            no_browser: false,
            paste: false,
            token_stdin: false,
            demo_user: false,
        }
    }

    fn report(scopes: Option<&[&str]>, renews: bool) -> Report {
        let whoop = providers::find("whoop").unwrap();
        let granted = scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
        let missing = whoop.scopes().iter().filter(|scope| scopes.is_some_and(|s| !s.contains(&scope.name)));
        let signed = Signed { missing: missing.collect(), granted, renews };
        Report::new(whoop, signed, "vitals-mcp sync".to_owned(), "vitals-mcp auth whoop".to_owned())
    }

    #[test]
    fn the_report_says_what_was_granted_and_what_was_not() {
        let text = report(Some(&["read:sleep", "offline", "EVIL\u{1b}[2J"]), true).to_string();
        assert!(text.contains("Granted: read:sleep, offline\n"), "{text}");
        assert!(
            text.contains("read:workout (workouts)") && text.ends_with("Next: vitals-mcp sync"),
            "{text}"
        );
        assert!(!text.contains("EVIL") && !text.contains("not renewed"), "{text}");
        let text = report(None, false).to_string();
        assert!(!text.contains("ranted:") && text.contains("not renewed by itself"), "{text}");
    }

    #[test]
    fn the_report_is_one_json_object() {
        let json = serde_json::to_value(report(Some(&["read:sleep"]), true)).unwrap();
        assert_eq!(json["provider"], "whoop");
        assert_eq!(json["granted"], serde_json::json!(["read:sleep"]));
        assert_eq!(
            json["missing"][0],
            serde_json::json!({"scope": "read:cycles", "gives": "day strain, energy and heart rate"})
        );
        assert!(json.get("title").is_none());
    }

    #[test]
    fn stored_credentials_are_used_again_and_only_with_their_own_id() {
        let whoop = providers::find("whoop").unwrap();
        let stored = || Some(Client { id: "kept".to_owned(), secret: "secret".into() });
        assert_eq!(credentials(whoop, &args("whoop"), stored()).unwrap().id, "kept");
        let same = Args { client_id: Some("kept".to_owned()), ..args("whoop") };
        assert!(credentials(whoop, &same, stored()).is_ok());
    }

    #[test]
    fn a_provider_is_found_by_its_name_or_the_known_ones_are_named() {
        let error = super::super::provider("garmin").err().unwrap();
        assert!(error.hint.contains("whoop"), "{}", error.hint);
        assert_eq!(super::super::provider("WHOOP").unwrap().id, "whoop");
    }

    #[test]
    fn no_flag_takes_a_secret() {
        let command = <Args as clap::Args>::augment_args(clap::Command::new("auth"));
        for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let name = argument.get_id().as_str();
            assert!(!name.contains("secret") && !name.contains("token"), "{name} takes a value");
        }
        command.debug_assert();
    }
}
