using CMUNeXt.Networks;

namespace CMUNeXt.Training.Protocol;

/// <summary>A network that another learns from.</summary>
/// <param name="Network">The network. It stays the caller's to dispose.</param>
/// <param name="Width">The width that it sees images at, in pixels: the one that it was trained at.</param>
/// <param name="Height">The height, in pixels.</param>
internal sealed record Teacher(Network Network, int Width, int Height);
