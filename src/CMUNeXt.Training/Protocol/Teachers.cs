using System.Numerics.Tensors;
using CMUNeXt.Backends;
using CMUNeXt.Images;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// Networks that another learns from: the mean of their logits of the same images, augmented as they are, each at the size that it was
/// trained at.
/// </summary>
/// <param name="teachers">At least one. Their networks stay the caller's to dispose.</param>
internal sealed class Teachers(IReadOnlyList<Teacher> teachers)
{
    /// <summary>The mean of the teachers' logits.</summary>
    /// <param name="batch">The cases of an iteration.</param>
    /// <returns>Count x outputs x height x width values.</returns>
    public float[] Teach(Batch batch)
    {
        if (batch.Count == 0)
        {
            return [];
        }

        float[] sum = Teach(teachers[0], batch);
        foreach (Teacher teacher in teachers.Skip(1))
        {
            TensorPrimitives.Add(sum, Teach(teacher, batch), sum);
        }

        TensorPrimitives.Divide(sum, teachers.Count, sum);
        batch.Settle(sum, teachers[0].Network.Description.Outputs);
        return sum;
    }

    private static float[] Teach(Teacher teacher, Batch batch)
    {
        (int Width, int Height) here = (batch.Width, batch.Height);
        (int Width, int Height) there = (teacher.Width, teacher.Height);
        float[] logits = teacher.Network.Forward(Resized(batch.Input, here, there), batch.Count, there.Height, there.Width);
        return Resized(logits, there, here);
    }

    // Plane by plane.
    private static float[] Resized(float[] planes, (int Width, int Height) from, (int Width, int Height) to)
    {
        if (from == to)
        {
            return planes;
        }

        int plane = from.Width * from.Height;
        int resized = to.Width * to.Height;
        float[] result = new float[planes.Length / plane * resized];
        for (int i = 0; i < planes.Length / plane; i++)
        {
            Image.ResizeMap(planes.AsSpan(i * plane, plane), from.Width, from.Height, to.Width, to.Height).CopyTo(result, i * resized);
        }

        return result;
    }
}
