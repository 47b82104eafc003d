/**
 * The part of `@matrix-org/matrix-sdk-crypto-nodejs` 0.4 that matrix-bot-sdk 0.8 uses. That package
 * downloads a native library when it is installed; this one carries the same library compiled to
 * WebAssembly, from `@matrix-org/matrix-sdk-crypto-wasm`. Cross-signing and key backup are missing.
 */
export { Attachment, EncryptedAttachment } from '@matrix-org/matrix-sdk-crypto-wasm'
export { DeviceId, DeviceLists, EncryptionSettings, RoomId, UserId } from './arguments.ts'
export { OlmMachine } from './olm-machine.ts'

/** The SDK names one; there is only one here, and the value is not looked at. */
export const StoreType = { Sled: 0, Sqlite: 1 } as const
