export { LABELS, screen, type Flag, type Label } from './screen.ts';
