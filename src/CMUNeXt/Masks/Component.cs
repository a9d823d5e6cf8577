namespace CMUNeXt.Masks;

/// <summary>A set of pixels of one class that hang together.</summary>
/// <param name="Label">Its number in <see cref="ConnectedComponents.Labels"/>, from 1.</param>
/// <param name="Class">The index of its class, from 1.</param>
/// <param name="Area">The number of its pixels.</param>
/// <param name="Box">The box around it.</param>
/// <param name="First">Its first pixel: the leftmost of its topmost row.</param>
internal readonly record struct Component(int Label, byte Class, int Area, BoundingBox Box, PixelPosition First);
