export { FlowProgress, type FlowProgressProps, type FlowProgressState } from "./flow-progress.tsx";
export { TraceWaterfall, type TraceWaterfallProps } from "./trace-waterfall.tsx";
