import type { WebClient } from '@slack/web-api'
import { Problem } from '../../kernel/problem.ts'
import { mostBytes, readFile, tooLarge } from '../read-file.ts'
import { sendFailure } from './failures.ts'

/** What a file is fetched with. */
export interface FileParts {
  readonly api: WebClient
  readonly token: string
  readonly apiRoot: string
  readonly signal: AbortSignal
}

/**
 * The content of a file that somebody has sent. Throws `Problem`, whose sentence ends "since ...". The
 * token goes to Slack's own machines alone, whatever address the file's is.
 */
export async function fetchFile(id: string, parts: FileParts): Promise<Uint8Array> {
  const { api, token, apiRoot, signal } = parts
  const { file } = await api.files.info({ file: id }).catch((error: unknown) => {
    throw new Problem('no-file', `Slack does not give it ("${sendFailure(error, 0).message}")`)
  })
  if ((file?.size ?? 0) > mostBytes) throw tooLarge()
  const url = URL.parse(file?.url_private_download ?? file?.url_private ?? '')
  if (!url || !isSlack(url, apiRoot)) throw new Problem('no-file', 'it does not lie at Slack')
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers, redirect: 'error', signal }).catch(() => {
    throw new Problem('no-file', 'the connection to Slack broke off')
  })
  if (!response.ok) throw new Problem('no-file', `Slack answers ${response.status}`)
  // Who may not have it is shown the page where people log in.
  if (isPage(response.headers.get('content-type')) && !isPage(file?.mimetype))
    throw new Problem('no-file', 'Slack does not let me have it')
  return readFile(response)
}

function isSlack({ hostname, protocol }: URL, apiRoot: string): boolean {
  const api = new URL(apiRoot)
  return (
    protocol === api.protocol &&
    (hostname === api.hostname || hostname.endsWith(`.${api.hostname}`))
  )
}

function isPage(type: string | null | undefined): boolean {
  return type?.startsWith('text/html') === true
}
