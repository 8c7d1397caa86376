import '../ticker/define.ts';
