using System.Text.RegularExpressions;

namespace CMUNeXt.Tests.Engine.Kernels;

/// <summary>The instructions of a loop that contains no other, in the compiler's spelling for x64.</summary>
/// <param name="Kernel">The method.</param>
/// <param name="Instructions">From its label to the jump back.</param>
internal sealed partial record InnerLoop(string Kernel, string[] Instructions)
{
    /// <summary>Whether it computes with vectors: what is left over at the end of a row is done value by value.</summary>
    public bool IsVectorized => Instructions.Any(line => WholeVector().IsMatch(line));

    /// <summary>
    /// Indices that are widened anew each time, what is kept on the stack for want of a register, and instructions that compute an address;
    /// a pointer that walks is none.
    /// </summary>
    public IEnumerable<string> Faults => Instructions.Where(line =>
        SignExtension().IsMatch(line)
        || (!IsWholeTile && (Spill().IsMatch(line) || (IsAddress(line) && Instructions.Count(IsAddress) > AllowedAddresses))));

    // Unrolled: a tile has 36 places and as many values, more than there are registers.
    private bool IsWholeTile =>
        Kernel.StartsWith("Winograd+", StringComparison.Ordinal) && Kernel.EndsWith(":Output", StringComparison.Ordinal);

    // A row of a tile goes to places that are one to five strides apart, and no stride is a constant: an address in thirty instructions.
    private int AllowedAddresses => Kernel.StartsWith("Winograd", StringComparison.Ordinal) ? Instructions.Length / 30 : 0;

    private static bool IsAddress(string line) => Address().IsMatch(line) && !StepOfPointer().IsMatch(line);

    [GeneratedRegex(@"[yz]mm")]
    private static partial Regex WholeVector();

    [GeneratedRegex(@"^(movsx|cdq)")]
    private static partial Regex SignExtension();

    [GeneratedRegex(@"\[r[bs]p")]
    private static partial Regex Spill();

    [GeneratedRegex(@"^(lea|i?mul|sh[lr]|sa[lr]|and|or|xor|neg|movzx|mov|call)\s")]
    private static partial Regex Address();

    // lea rax, [rax+4*rdx]
    [GeneratedRegex(@"^lea\s+(\w+), \[\1\+")]
    private static partial Regex StepOfPointer();
}
