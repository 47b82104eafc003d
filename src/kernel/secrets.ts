const blank = '[secret]'

/** Keys and variables that hold a secret by their name. */
const secretName = String.raw`[\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie)[\w-]*`
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, blank],
  // https://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${blank}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${blank}`],
  // What well-known services give out, by its first letters.
  [
    /\b(?:sk|pk|rk)[-_][\w-]{16,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\bxox[a-z]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bnpm_\w{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
    blank,
  ],
  // TOKEN=..., --password ..., "api_key": "..."
  [
    new RegExp(
      String.raw`(["']?(?:--?)?\b${secretName}["']?\s*[=:]\s*|--${secretName}\s+)("[^"\n]*"|'[^'\n]*'|[^\s"',;&|]+)`,
      'gi',
    ),
    `$1${blank}`,
  ],
]

/**
 * `text` with everything blanked that looks like a secret: by the name that stands before it, or by
 * the form that well-known services give theirs. Rather too much than too little.
 */
export function blankSecrets(text: string): string {
  return patterns.reduce((told, [pattern, instead]) => told.replace(pattern, instead), text)
}
