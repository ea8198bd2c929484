import { existsSync } from 'node:fs';

const DEBIAN = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The WebGPU driver for processors that Debian's Chromium installs, unless the environment names another one. */
export const SOFTWARE_DRIVER: string | undefined = process.env.VK_DRIVER_FILES ?? (existsSync(DEBIAN) ? DEBIAN : undefined);
