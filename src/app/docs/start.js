// Starts the documentation, in the language of the browser or in that of `?lang=`.
'use strict';
const asked = new URLSearchParams(window.location.search).get('lang');
const lang = ['fr', 'en'].includes(asked) ? asked : (navigator.language || '').startsWith('fr') ? 'fr' : 'en';
document.documentElement.lang = lang;
document.title = lang === 'fr' ? "Documentation de l'API – Passerelle" : 'API documentation – Passerelle';

// The samples: curl, Python, and the fetch of JavaScript and TypeScript. Other languages are hidden.
const hidden = ['c', 'clojure', 'csharp', 'dart', 'fsharp', 'go', 'http', 'java', 'julia', 'kotlin', 'node', 'objc',
  'ocaml', 'php', 'powershell', 'r', 'ruby', 'rust', 'swift', 'shell/httpie', 'shell/wget', 'js/axios', 'js/jquery',
  'js/ofetch', 'js/xhr', 'python/aiohttp', 'python/httpx_async', 'python/httpx_sync', 'python/python3'];

Scalar.createApiReference('#app', {
  url: `/docs/contract.${lang}.json`,
  localization: { locale: lang },
  // Nothing leaves this server: no fonts, no telemetry, no proxy, no assistant, no link to a hosted client.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  // What the page shows is shortened; the whole contract is linked from the introduction.
  documentDownloadType: 'none',
  persistAuth: false,
  hideModels: true,
  defaultOpenFirstTag: false,
  hiddenClients: hidden,
  featuredClients: ['shell/curl', 'python/requests', 'js/fetch'],
});
