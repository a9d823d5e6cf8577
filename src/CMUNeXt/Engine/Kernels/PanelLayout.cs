namespace CMUNeXt.Engine.Kernels;

/// <summary>How the micro-kernels of an instruction set read the weights of a <see cref="PackedMatrix"/>.</summary>
/// <param name="Blocks">The channel blocks of the widest panel: 1, 2 or 4.</param>
/// <param name="Pairs">Whether a panel of one channel block holds two inputs in a vector (see <see cref="PairedKernel"/>).</param>
internal readonly record struct PanelLayout(int Blocks, bool Pairs);
