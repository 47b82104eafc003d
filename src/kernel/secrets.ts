const blank = '[secret]'

/**
 * Keys and variables that hold a secret by their name. All repetitions have a bound or a fixed
 * beginning here and below: agents choose the text, and none of them may keep us busy with it.
 */
const secretName = String.raw`[\w-]{0,40}(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|cookie)[\w-]{0,40}`
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    blank,
  ],
  // https://user:password@host
  [/((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/gi, `$1${blank}@`],
  // Authorization: SCHEME ...
  [/(\bauthorization["']?\s{0,9}[:=]\s{0,9}["']?)[^"'\n]+/gi, `$1${blank}`],
  [/\b(bearer|basic)\s{1,9}[\w.~+/=-]{8,}/gi, `$1 ${blank}`],
  // What well-known services give out, by its first letters.
  [
    /\b(?:sk|pk|rk)[-_][\w-]{16,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\bxox[a-z]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bnpm_\w{20,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
    blank,
  ],
  // TOKEN=..., --password ..., "api_key": "..."
  [
    new RegExp(
      String.raw`((?<![\w-])${secretName}["']?\s{0,9}[=:]\s{0,9}|(?<=--)${secretName}\s{1,9})("[^"\n]*"|'[^'\n]*'|[^\s"',;&|]+)`,
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
