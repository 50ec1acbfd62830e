// What Flask-CookieConsent offers to the scripts of a page. Copy it into your project, or name it in `types`.

/** Names of services, and of categories all of whose services are allowed. */
type CookieConsentNames = readonly string[];

interface CookieConsentChange {
  /** All that is allowed from now on. */
  readonly allowed: CookieConsentNames;
  /** What is allowed now, and was not before. */
  readonly granted: CookieConsentNames;
  /** What was allowed before, and is not any more. Listeners hear of it before the server does. */
  readonly withdrawn: CookieConsentNames;
}

interface CookieConsent {
  /** Tells whether a service, or every service of a category, is allowed for this visitor; an unknown name is not. */
  allows(name: string): boolean;
  /** Shows embeds that are allowed, and placeholders of those that are not, in content that came later. */
  fill(node?: ParentNode): Promise<void>;
  /** Leads to the page on which every service has its switch. */
  openPreferences(): void;
}

interface Window {
  readonly cookieconsent: CookieConsent;
}

interface DocumentEventMap {
  "cookieconsent:change": CustomEvent<CookieConsentChange>;
}

declare const cookieconsent: CookieConsent;
