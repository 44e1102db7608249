#!/usr/bin/env -S node --initial-old-space-size=256
import './node-gc.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2));
