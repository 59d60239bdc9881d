#!/usr/bin/env node
import { main } from '../src/commands/program.js';

await main(process.argv);
