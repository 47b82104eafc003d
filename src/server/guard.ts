/** Why a request is not served at all, as an HTTP status and a sentence. */
export interface Refusal {
  readonly status: 403 | 421
  readonly sentence: string
}

const hosts = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Refuses what a web page in somebody's browser could send: a name of its own that was made to mean
 * this machine (`Host`), or a request from another page (`Origin`).
 * Where there is a `proxied`, a proxy may hand that name on, with a port or without.
 */
export function refusalOf(
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  port: number,
  proxied?: string,
): Refusal | undefined {
  const ours = hosts.map((host) => `${host}:${port}`)
  const host = headers.host?.toLowerCase() ?? ''
  const isProxied = proxied !== undefined && withoutPort(host) === withoutPort(proxied)
  if (!ours.includes(host) && !isProxied)
    return { status: 421, sentence: 'This server answers to 127.0.0.1 and localhost only.' }
  const { origin } = headers
  if (origin !== undefined && !ours.includes(origin.toLowerCase().replace(/^http:\/\//, '')))
    return { status: 403, sentence: 'Pages of other origins are not served.' }
  return undefined
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer ([\w.~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1]
}
